/**
 * A Chromium for the tests in a real browser: Chromium itself, Chrome or Edge.
 */
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { type Names, usualPlaces } from './places.ts';
import { runNode, toolCommand } from './project.ts';

/** How long a download of one may take, ms. */
const INSTALL_WITHIN = 180_000;

export const HOW_TO_GET_CHROMIUM =
  'no Chromium found: install Chromium, Chrome or Edge, run `npx playwright-core install chromium`, or set CHROMIUM_PATH';

const NAMES: Names = {
  commands: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'],
  apps: ['Chromium', 'Google Chrome', 'Microsoft Edge'].map((name) => [name, name]),
  windows: [
    ['Chromium', 'Application', 'chrome.exe'],
    ['Google', 'Chrome', 'Application', 'chrome.exe'],
    ['Microsoft', 'Edge', 'Application', 'msedge.exe'],
  ],
};

/** Where one usually is; what CHROMIUM_PATH names is taken at its word. */
export function findChromium(
  env: NodeJS.ProcessEnv = process.env,
  platform = process.platform,
): string | undefined {
  if (env.CHROMIUM_PATH) return env.CHROMIUM_PATH;
  return [...usualPlaces(NAMES, env, platform), chromium.executablePath()].find((path) => existsSync(path));
}

/** Playwright brings its own, where its download can be reached. */
export async function installChromium(): Promise<string | undefined> {
  await runNode(toolCommand('playwright', 'install', 'chromium'), { silent: true, timeout: INSTALL_WITHIN });
  return findChromium();
}
