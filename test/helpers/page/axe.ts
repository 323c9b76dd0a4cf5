/**
 * Accessibility violations that axe finds in the current state of a page.
 */
import axe from 'axe-core';
import type { Page } from 'playwright-core';

const LEVELS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** The rules that depend on colours, for further looks of a state that has passed all rules. */
export const COLOUR_RULES = ['color-contrast', 'link-in-text-block'];

/** Defines `window.axe`. */
export const AXE_SOURCE = axe.source;

/** Runs in the page. Returns one line for each violating element. */
async function violations(runOnly: string[]): Promise<string[]> {
  const found = await window.axe.run(document, { runOnly, resultTypes: ['violations'] });
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.flat().join(' ')}: ${node.failureSummary ?? ''}`),
  );
}

/** An expression of the violations, for a driver that takes scripts as text. */
export const VIOLATIONS = `(${violations})(${JSON.stringify(LEVELS)})`;

/** Runs the rules of WCAG 2.2 A and AA and best practices. */
export async function findings(page: Page, only: string[] = LEVELS): Promise<string[]> {
  // A sheet that fades in has less contrast.
  await page.emulateMedia({ reducedMotion: 'reduce' });
  // The page's policy forbids script tags. It does not apply to the debugger.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(AXE_SOURCE);
  return await page.evaluate(violations, only);
}

declare global {
  interface Window {
    axe: typeof axe;
  }
}
