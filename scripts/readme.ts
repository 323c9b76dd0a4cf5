/**
 * npm run readme: writes the tables of settings in the documents.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { DOCUMENTS, withTables } from './lib/config-tables.ts';
import { inProject } from './lib/project.ts';

for (const { path, isTranslated } of DOCUMENTS) {
  const text = readFileSync(inProject(path), 'utf8');
  writeFileSync(inProject(path), withTables(text, isTranslated));
}
