/**
 * A Chromium for the browser tests: Chromium itself, Chrome or Edge.
 */
import { existsSync } from 'node:fs';
import { type Names, usualPlaces } from './places.ts';
import { chromium } from './playwright.ts';
import { runNode, toolCommand } from './project.ts';

/** Longest download, ms. */
const INSTALL_WITHIN_MS = 180_000;

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

/** Returns CHROMIUM_PATH without a check, or the first usual place that exists. */
export function findChromium(
  env: NodeJS.ProcessEnv = process.env,
  platform = process.platform,
): string | undefined {
  if (env.CHROMIUM_PATH) return env.CHROMIUM_PATH;
  return [...usualPlaces(NAMES, env, platform), chromium.executablePath()].find((path) => existsSync(path));
}

/** Returns the Chromium without windows, which saves tests a quarter of the CPU time, or else any Chromium. */
export function findHeadlessChromium(
  env: NodeJS.ProcessEnv = process.env,
  platform = process.platform,
): string | undefined {
  if (env.CHROMIUM_PATH) return env.CHROMIUM_PATH;
  const shell: Names = { commands: ['chromium-headless-shell'], apps: [], windows: [] };
  return usualPlaces(shell, env, platform).find((path) => existsSync(path)) ?? findChromium(env, platform);
}

/** Playwright brings its own, where its download can be reached. */
export async function installChromium(): Promise<string | undefined> {
  await runNode(toolCommand('playwright', 'install', 'chromium'), {
    silent: true,
    timeoutMs: INSTALL_WITHIN_MS,
  });
  return findChromium();
}
