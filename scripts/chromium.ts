/**
 * A Chromium for the tests in a real browser: Chromium itself, Chrome or Edge.
 */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';
import { runNode, toolCommand } from './project.ts';

/** How long a download of one may take, ms. */
const INSTALL_WITHIN = 180_000;

export const HOW_TO_GET_CHROMIUM =
  'no Chromium found: install Chromium, Chrome or Edge, run `npx playwright-core install chromium`, or set CHROMIUM_PATH';

/** Where one usually is; what CHROMIUM_PATH names is taken at its word. */
export function findChromium(
  env: NodeJS.ProcessEnv = process.env,
  platform = process.platform,
): string | undefined {
  if (env.CHROMIUM_PATH) return env.CHROMIUM_PATH;
  return [...usualPlaces(env, platform), chromium.executablePath()].find((path) => existsSync(path));
}

/** Playwright brings its own, where its download can be reached. */
export async function installChromium(): Promise<string | undefined> {
  await runNode(toolCommand('playwright', 'install', 'chromium'), { silent: true, timeout: INSTALL_WITHIN });
  return findChromium();
}

function usualPlaces(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string[] {
  if (platform === 'win32') return onWindows(env);
  if (platform === 'darwin') return onMacOs(env);
  return onPath(env);
}

function onPath({ PATH = '' }: NodeJS.ProcessEnv): string[] {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'];
  const folders = PATH.split(delimiter).filter((folder) => folder !== '');
  return names.flatMap((name) => folders.map((folder) => join(folder, name)));
}

function onMacOs({ HOME = '' }: NodeJS.ProcessEnv): string[] {
  const names = ['Chromium', 'Google Chrome', 'Microsoft Edge'];
  return ['/Applications', join(HOME, 'Applications')].flatMap((folder) =>
    names.map((name) => join(folder, `${name}.app`, 'Contents', 'MacOS', name)),
  );
}

function onWindows(env: NodeJS.ProcessEnv): string[] {
  const programs = [
    ['Chromium', 'Application', 'chrome.exe'],
    ['Google', 'Chrome', 'Application', 'chrome.exe'],
    ['Microsoft', 'Edge', 'Application', 'msedge.exe'],
  ];
  const folders = [env.ProgramFiles, env['ProgramFiles(x86)'], env.LOCALAPPDATA].filter(
    (folder) => folder !== undefined,
  );
  return folders.flatMap((folder) => programs.map((program) => join(folder, ...program)));
}
