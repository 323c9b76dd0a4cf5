/**
 * Accessibility violations that axe finds in the current state of a page.
 */
import axe from 'axe-core';
import type { Page } from 'playwright-core';

const LEVELS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** The rules that depend on colours, for further looks of a state that has passed all rules. */
export const COLOUR_RULES = ['color-contrast', 'link-in-text-block'];

/** Runs the rules of WCAG 2.2 A and AA and best practices. Returns one line for each violating element. */
export async function findings(page: Page, only: string[] = LEVELS): Promise<string[]> {
  // The page's policy forbids script tags. It does not apply to the debugger.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source);
  return await page.evaluate(async (runOnly) => {
    const { violations } = await window.axe.run(document, { runOnly, resultTypes: ['violations'] });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.target.flat().join(' ')}: ${node.failureSummary ?? ''}`),
    );
  }, only);
}

declare global {
  interface Window {
    axe: typeof axe;
  }
}
