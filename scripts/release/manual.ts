/**
 * Writes the man page, dist/tertulia.1, from the help, the schemas and docs/configuration.md.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { subjectsIn } from '../../cli/help.ts';
import { TEXTS } from '../../cli/texts.ts';
import { inProject } from '../lib/project.ts';
import { manualPage } from './manual-page.ts';

const { version } = JSON.parse(readFileSync(inProject('package.json'), 'utf8')) as { version: string };
const subjects = subjectsIn(readFileSync(inProject('docs/configuration.md'), 'utf8'));

writeFileSync(inProject('dist/tertulia.1'), manualPage({ version, texts: TEXTS.en, subjects }));
