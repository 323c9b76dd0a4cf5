/**
 * The report of a part of the bench, and its place in docs/performance.md: tables between two marks, and plots.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { inProject } from '../../scripts/lib/project.ts';

export interface Report {
  text: string;
  /** SVG by name. */
  plots?: Record<string, string>;
}

const DOCUMENT = inProject('docs', 'performance.md');
const PLOTS = inProject('docs', 'plots');

/** Writes a report into the document, if the document has a place for it. */
export function writeReport(part: string, { text, plots = {} }: Report): void {
  const document = readFileSync(DOCUMENT, 'utf8');
  const place = new RegExp(`(<!-- bench: ${part} -->\\n)[^]*?(<!-- /bench -->)`);
  writeFileSync(
    DOCUMENT,
    document.replace(
      place,
      (_, begin: string, end: string) => `${begin}\n\`\`\`text\n${text}\n\`\`\`\n\n${end}`,
    ),
  );
  mkdirSync(PLOTS, { recursive: true });
  for (const [name, svg] of Object.entries(plots))
    writeFileSync(inProject('docs', 'plots', `${name}.svg`), svg);
}
