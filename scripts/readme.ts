/**
 * npm run readme: writes the tables of the configuration in the READMEs anew.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { DOCUMENTS, withTables } from './lib/config-tables.ts';
import { inProject } from './lib/project.ts';

for (const { path, isTranslated } of DOCUMENTS) {
  const text = readFileSync(inProject(path), 'utf8');
  writeFileSync(inProject(path), withTables(text, isTranslated));
}
