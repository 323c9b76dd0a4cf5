/**
 * The client for programs, in the page of another site.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { inProject } from '../../scripts/lib/project.ts';
import type { Cleanup } from '../helpers/eventually.ts';
import { startGateway } from '../helpers/gateway.ts';
import { openBrowser } from '../helpers/page/browser.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter, freePort } from '../helpers/tcp.ts';

const MODULE = /^\/[\w/-]+\.js$/;

/** Serves an empty page and the modules of the package. */
async function siteWithModules(t: Cleanup, port: number): Promise<string> {
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    if (!MODULE.test(path)) {
      response.setHeader('content-type', 'text/html').end('<!doctype html>');
      return;
    }
    response.setHeader('content-type', 'text/javascript');
    readFile(inProject('dist', path)).then(
      (script) => response.end(script),
      () => response.writeHead(404).end(),
    );
  });
  t.after(() => server.close());
  await new Promise<void>((resolve) => void server.listen(port, '127.0.0.1', resolve));
  return `http://127.0.0.1:${port}`;
}

test('client for programs sends and receives in the page of an allowed site', async (t) => {
  const room = await builtRoom(t);
  const site = await siteWithModules(t, await freePort());
  const gateway = await startGateway(t, room.port, { ALLOWED_ORIGINS: site });
  const terminal = await enter(t, room.port);
  const page = await (await openBrowser(t)).newPage();
  await page.goto(site);
  const received = page.evaluate(async (url) => {
    const module: string = '/connection/client.js';
    const { connect } = (await import(module)) as typeof import('../../connection/client.ts');
    const client = await connect(url, { nickname: 'bot' });
    const { state } = await client.send('hola desde otra página');
    for await (const { text, nickname, isOwn } of client) {
      if (!isOwn) return { state, text, nickname };
    }
    return { state };
  }, gateway.url);
  await terminal.receives('dice: <bot> hola desde otra página');
  terminal.send('<Ana> hola, bot\n');
  assert.deepEqual(await received, { state: 'heard', text: 'hola, bot', nickname: 'Ana' });
});
