/**
 * The report for CI systems, in the XML of JUnit.
 */
import type { Result } from '../outcome.ts';
import type { CheckTexts } from '../texts/check-texts.ts';

export function junitReport(results: readonly Result[], texts: CheckTexts): string {
  const count = (wanted: string) => results.filter(({ status }) => status === wanted).length;
  const seconds = results.reduce((sum, { ms }) => sum + ms, 0) / 1000;
  const totals = `tests="${results.length}" failures="${count('failed')}" skipped="${count('skipped')}" time="${seconds}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="tertulia check" ${totals}>`,
    `  <testsuite name="tertulia check" ${totals}>`,
    ...results.flatMap((result) => testCase(result, texts)),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase(
  { id, status, weight, ms, seen, printed }: Result,
  { checks, facts }: CheckTexts,
): string[] {
  const { title, sent, why, mend } = checks[id];
  const observed = seen(facts);
  const details = [sent, observed, ...printed, why, mend].join('\n');
  const body = {
    passed: [],
    noted: [`      <system-out>${escapeXml(observed)}</system-out>`],
    failed: [`      <failure message="${escapeXml(observed)}">${escapeXml(details)}</failure>`],
    skipped: [`      <skipped message="${escapeXml(observed)}"/>`],
  }[status];
  return [
    `    <testcase classname="tertulia.${id}" name="${escapeXml(title)}" time="${ms / 1000}">`,
    `      <properties><property name="weight" value="${weight}"/></properties>`,
    ...body,
    '    </testcase>',
  ];
}

/** Control characters are not allowed in XML, not even escaped. */
function escapeXml(text: string): string {
  return text
    .replaceAll(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f\uFFFE\uFFFF]/g, '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '&#10;');
}
