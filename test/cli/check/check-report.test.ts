/**
 * The reports of `tertulia check`, from fixed results.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { CHECKS, LESSONS } from '../../../cli/check/checks/table.ts';
import type { Result } from '../../../cli/check/outcome.ts';
import { jsonReport } from '../../../cli/check/report/json-report.ts';
import { junitReport } from '../../../cli/check/report/junit-report.ts';
import { Points } from '../../../cli/check/report/points.ts';
import { textDetails, textHeading, textRow } from '../../../cli/check/report/text-report.ts';
import { CHECK_IDS, CODE_LANGUAGES } from '../../../cli/check/texts/check-texts.ts';
import { CHECK_TEXTS } from '../../../cli/check/texts/languages.ts';
import { inProject } from '../../../scripts/lib/project.ts';

const LANGUAGES = ['en', 'es'] as const;

const RESULTS: Result[] = [
  { id: 'start', status: 'passed', weight: 1, ms: 100, printed: [], seen: (t) => t.listens(4000) },
  {
    id: 'reset',
    status: 'failed',
    weight: 3,
    ms: 3000,
    printed: ['Error: <a> & "b"\x1b'],
    seen: (t) => t.frozen(3),
  },
  {
    id: 'order',
    status: 'failed',
    weight: 2,
    ms: 0,
    printed: [],
    seen: (t) => t.needsRoom,
    isConsequence: true,
  },
  { id: 'newline', status: 'noted', weight: 0, ms: 5, printed: [], seen: (t) => t.sentAtOnce },
  { id: 'stop', status: 'skipped', weight: 1, ms: 0, printed: [], seen: (t) => t.needsOwnServer },
];

describe('check table', () => {
  test('check table has the ids in their order, once each, and checks for every lesson', () => {
    assert.deepEqual(
      CHECKS.map(({ id }) => id),
      CHECK_IDS,
    );
    for (let lesson = 1; lesson <= LESSONS; lesson++) {
      assert.ok(
        CHECKS.some((check) => check.lesson === lesson && check.weight > 0),
        `lesson ${lesson}`,
      );
    }
  });

  for (const language of LANGUAGES) {
    test(`documents in ${language} name every check`, () => {
      const path = language === 'en' ? 'docs/check.md' : 'docs/es/comprobar.md';
      const text = readFileSync(inProject(path), 'utf8');
      const rows = [...text.matchAll(/^\| `([\w-]+)` \| (\d+) \| (\d+) \| (.*) \|$/gm)].map(
        ([, id, lesson, weight, title]) => ({ id, lesson: Number(lesson), weight: Number(weight), title }),
      );
      const expected = CHECKS.map(({ id, lesson, weight }) => {
        const { title } = CHECK_TEXTS[language].checks[id];
        return { id, lesson, weight, title };
      });
      assert.deepEqual(rows, expected);
    });
  }
});

for (const language of LANGUAGES) {
  const texts = CHECK_TEXTS[language];

  test(`text report in ${language} fits 80 columns, apart from code and output`, () => {
    const all = CHECKS.map(
      ({ id, weight }): Result => ({
        id,
        status: 'failed',
        weight,
        ms: 1,
        printed: [],
        seen: (t) => t.frozen(3),
      }),
    );
    const lines = [
      textHeading(texts.report.checking('python3 server.py', 20, 55), [texts.report.mayKill(CHECK_IDS)]),
      ...all.map((result) => textRow(result, texts)),
      textDetails(all, new Points(all), texts, []),
      texts.report.usage,
    ].flatMap((text) => text.split('\n'));
    assert.deepEqual(
      lines.filter((line) => line.length > 80),
      [],
    );
  });
}

test('text report explains failures with code of the chosen languages, and consequences once', () => {
  const text = textDetails(RESULTS, new Points(RESULTS), CHECK_TEXTS.en, ['python']);
  assert.match(text, /^FAILED reset: A broken connection hurts nobody else$/m);
  assert.match(text, /^ {2}Printed {4}Error: <a> & "b"/m);
  assert.match(text, /^ {2}Python {5}try:$/m);
  assert.doesNotMatch(text, /FAILED order|Java/);
  assert.match(text, /^order: This can be seen only when .* clients\. Mend broadcast\nfirst\.$/m);
  assert.match(text, /^1 passed, 2 failed, 1 noted, 1 skipped\.\nPoints: 1 of 6$/m);
});

test('JSON report has stable names and the lines of all languages', () => {
  const report = JSON.parse(jsonReport('x', RESULTS, new Points(RESULTS), CHECK_TEXTS.es));
  assert.deepEqual(report.points, { earned: 1, total: 6 });
  assert.deepEqual(report.counts, { passed: 1, failed: 2, noted: 1, skipped: 1 });
  assert.deepEqual(
    report.checks.map(({ id, status }: { id: string; status: string }) => [id, status]),
    RESULTS.map(({ id, status }) => [id, status]),
  );
  assert.deepEqual(Object.keys(report.checks[1].lines), [...CODE_LANGUAGES]);
});

test('JUnit report counts results, and escapes the output of a server', () => {
  const xml = junitReport(RESULTS, CHECK_TEXTS.en);
  assert.match(xml, /<testsuites name="tertulia check" tests="5" failures="2" skipped="1" time="3\.105">/);
  assert.equal(xml.match(/<testcase /g)?.length, 5);
  assert.match(xml, /<property name="weight" value="3"\/>/);
  assert.ok(xml.includes('Error: &lt;a&gt; &amp; &quot;b&quot;\uFFFD'));
  assert.match(xml, /<failure message="After that, no message arrived/);
});
