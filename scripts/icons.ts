/**
 * npm run icons: draws the icons of the installed page from web/icon.svg, in the sizes of the manifest and of iOS.
 * Needs a Chromium.
 */
import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { findChromium, HOW_TO_GET_CHROMIUM } from './lib/chromium.ts';
import { inProject } from './lib/project.ts';

/** Size of the drawing as a part of the width. A system's mask may cut the corners off the whole square. */
const ROUNDED = '22%';

const ICONS = [
  { name: 'icon-192', size: 192, corners: ROUNDED },
  { name: 'icon-512', size: 512, corners: ROUNDED },
  { name: 'icon-maskable-512', size: 512, corners: '0' },
  { name: 'apple-touch-icon', size: 180, corners: '0' },
];

const executablePath = findChromium();
if (executablePath === undefined) throw new Error(HOW_TO_GET_CHROMIUM);
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
const drawing = Buffer.from(readFileSync(inProject('web/icon.svg'))).toString('base64');

for (const { name, size, corners } of ICONS) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  await page.setContent(
    `<img src="data:image/svg+xml;base64,${drawing}" style="position:fixed;inset:0;width:100%;border-radius:${corners}">`,
  );
  await page.screenshot({ path: inProject(`web/public/${name}.png`), omitBackground: true });
  await page.close();
}
await browser.close();
