/**
 * A Firefox for the tests in a second browser: Firefox ESR or Firefox.
 */
import { existsSync } from 'node:fs';
import { type Names, usualPlaces } from './places.ts';

export const HOW_TO_GET_FIREFOX = 'no Firefox found: install Firefox ESR or Firefox, or set FIREFOX_PATH';

const NAMES: Names = {
  commands: ['firefox-esr', 'firefox'],
  apps: [['Firefox', 'firefox']],
  windows: [['Mozilla Firefox', 'firefox.exe']],
};

/** Returns FIREFOX_PATH without a check, or the first usual place that exists. */
export function findFirefox(
  env: NodeJS.ProcessEnv = process.env,
  platform = process.platform,
): string | undefined {
  if (env.FIREFOX_PATH) return env.FIREFOX_PATH;
  return usualPlaces(NAMES, env, platform).find((path) => existsSync(path));
}
