/**
 * The requests of a first load, and the time until the page shows something on a slow network.
 */

import { request } from 'node:http';
import { gunzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { DEADLINE_MS } from '../eventually.ts';

/** Chromium's preset "Slow 4G": latency in ms, throughput in bytes per second. */
const SLOW_4G = {
  offline: false,
  latency: 562.5,
  downloadThroughput: 180_000,
  uploadThroughput: 84_375,
};

/** A wide page also loads the list of people, once it is in the room. */
const NARROW = { width: 1024, height: 768 };

/** A request of the page. Types are those of the browser: `document`, `script`, `stylesheet`, ... */
export interface Fetched {
  type: string;
  url: string;
}

export interface FirstLoad {
  fetched: Fetched[];
  /** Time of the first paint and of joining the room, ms after the navigation began. */
  firstPaint: number;
  inRoom: number;
}

/** Loads the page with an empty cache on a slow network. */
export async function loadFirst(browser: Browser, url: string): Promise<FirstLoad> {
  const context = await browser.newContext({ locale: 'es-ES', viewport: NARROW });
  context.setDefaultTimeout(DEADLINE_MS);
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', SLOW_4G);
  const fetched: Fetched[] = [];
  // The first load ends when the gateway has counted the people. Then the page loads further parts.
  let isOver = false;
  page.on('websocket', (socket) =>
    socket.on('framereceived', ({ payload }) => {
      isOver ||= String(payload).startsWith('{"type":"people"');
    }),
  );
  page.on('request', (one) => {
    if (!isOver) fetched.push({ type: one.resourceType(), url: one.url() });
  });
  const began = performance.now();
  await page.goto(url, { waitUntil: 'commit' });
  await page.getByText(/En la sala como/).waitFor();
  const inRoom = performance.now() - began;
  const firstPaint = await paintOf(page);
  await context.close();
  return { fetched, firstPaint, inRoom };
}

async function paintOf(page: Page): Promise<number> {
  return await page.evaluate(() => performance.getEntriesByName('first-paint')[0]?.startTime ?? Number.NaN);
}

export interface Served {
  status: number;
  encoding: string | undefined;
  cacheControl: string | undefined;
  /** Size on the network, bytes. */
  bytes: number;
  text: string;
}

/** Requests a URL as a browser that accepts gzip. Browsers accept brotli only over https. */
export async function served(url: string): Promise<Served> {
  return await new Promise((resolve, reject) => {
    request(url, { headers: { 'accept-encoding': 'gzip, deflate' } }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        const body = Buffer.concat(chunks);
        const encoding = answer.headers['content-encoding'];
        resolve({
          status: answer.statusCode ?? 0,
          encoding,
          cacheControl: answer.headers['cache-control'],
          bytes: body.length,
          text: String(encoding === 'gzip' ? gunzipSync(body) : body),
        });
      });
    })
      .on('error', reject)
      .end();
  });
}
