/**
 * Pixels of the screen, as a camera reads them.
 */
import { createRequire } from 'node:module';
import type readQR from 'jsqr';
import type { Locator, Page } from 'playwright-core';

/** Returns the text of the QR code in that element, read from its current pixels. A browser reads it fastest. */
export async function readCode(element: Locator): Promise<string | undefined> {
  const picture = (await element.screenshot({ scale: 'css' })).toString('base64');
  const page = await element.page().context().newPage();
  await page.addScriptTag({ path: createRequire(import.meta.url).resolve('jsqr') });
  const image = await page.evaluateHandle(pixelsOf, `data:image/png;base64,${picture}`);
  const text = await image.evaluate(
    ({ pixels, width, height }) => window.jsQR(Uint8ClampedArray.from(pixels), width, height)?.data,
  );
  await page.close();
  return text;
}

/** The colours in a picture, as `29,78,216`. */
export async function readColors(page: Page, url: string): Promise<ReadonlySet<string>> {
  const { pixels } = await page.evaluate(pixelsOf, url);
  return new Set(pixels.flatMap((_, i) => (i % 4 === 0 ? [pixels.slice(i, i + 3).join()] : [])));
}

/** Runs in the page. */
async function pixelsOf(url: string) {
  const image = new Image();
  image.src = url;
  await image.decode();
  const { width, height } = image;
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const context = canvas.getContext('2d');
  context?.drawImage(image, 0, 0);
  return { width, height, pixels: [...(context?.getImageData(0, 0, width, height).data ?? [])] };
}

declare global {
  interface Window {
    /** The script of jsqr. */
    jsQR: typeof readQR;
  }
}
