/**
 * npm run release:notes TAG [URL]: prints the section of CHANGELOG.md about a version. It fails for a tag that is not
 * the version of package.json. Relative links begin with the URL, because a release has no files beside it.
 */
import { readFileSync } from 'node:fs';
import { inProject } from '../lib/project.ts';
import { notesOf } from './changelog.ts';

const [tag = '', url = ''] = process.argv.slice(2);
const { version } = JSON.parse(readFileSync(inProject('package.json'), 'utf8')) as { version: string };
const notes = notesOf(version, readFileSync(inProject('CHANGELOG.md'), 'utf8'));

if (tag !== `v${version}`) {
  console.error(`The tag is ${tag}, but package.json has version ${version}.`);
  process.exitCode = 1;
} else if (notes === undefined) {
  console.error(`CHANGELOG.md has no section ${version}. Rename the section Unreleased.`);
  process.exitCode = 1;
} else {
  console.log(notes.replaceAll(/\]\((?![a-z]+:|#)/g, `](${url}`));
}
