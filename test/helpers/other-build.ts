import { cpSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inProject } from '../../scripts/lib/project.ts';
import type { Cleanup } from './eventually.ts';

const HASHED = /-[\w-]{8}(?=\.(?:js|css)$)/;

/**
 * Makes a build whose page has no asset in common with that in `dist`, and removes it after the test. It is inside
 * the project, where its programs find their packages.
 */
export function otherBuild(t: Cleanup): string {
  const dist = mkdtempSync(inProject('node_modules/.other-build-'));
  t.after(() => rmSync(dist, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));
  cpSync(inProject('dist'), dist, { recursive: true, filter: (path) => !/\.(gz|br)$/.test(path) });
  const web = join(dist, 'web');
  const assets = readdirSync(join(web, 'assets')).filter((name) => HASHED.test(name));
  const renamed = (text: string) =>
    assets.reduce((text, name) => text.replaceAll(name, name.replace(HASHED, '-other000')), text);
  for (const path of readdirSync(web, { recursive: true, encoding: 'utf8' })) {
    if (!/\.(js|css|html)$/.test(path)) continue;
    const file = join(web, path);
    writeFileSync(file, renamed(readFileSync(file, 'utf8')));
    renameSync(file, join(web, renamed(path)));
  }
  return dist;
}
