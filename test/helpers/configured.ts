/**
 * Configuration files of docs/deploy, run as they are in other programs. Tests replace only addresses and folders.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { inProject } from '../../scripts/lib/project.ts';
import { type Cleanup, eventually } from './eventually.ts';
import { dataDir } from './gateway.ts';

/** Copies the file into a folder of the test and replaces `places` in it. Each of them must be in the file. */
export function configured(t: Cleanup, name: string, places: Record<string, string>): string {
  let text = readFileSync(inProject('docs', 'deploy', name), 'utf8');
  for (const [written, here] of Object.entries(places)) {
    if (!text.includes(written)) throw new Error(`${name} does not say ${written}`);
    text = text.replaceAll(written, here);
  }
  const path = join(dataDir(t), name);
  writeFileSync(path, text);
  return path;
}

/** Waits until a server listens on the port. */
export async function isOpen(port: number, told: () => string): Promise<void> {
  const answers = (): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      });
      socket.on('error', () => resolve(false));
    });
  await eventually(answers, () => `no server listens on ${port}: ${told()}`);
}
