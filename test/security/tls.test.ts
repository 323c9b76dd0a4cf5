/**
 * https without a proxy.
 */
import assert from 'node:assert/strict';
import { copyFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { makePair, withoutOpenssl } from '../helpers/certificate.ts';
import { eventually } from '../helpers/eventually.ts';
import { dataDir, launchGateway } from '../helpers/gateway.ts';
import { start } from '../helpers/process.ts';
import { builtRoom } from '../helpers/room.ts';

const skip = withoutOpenssl || (process.platform === 'win32' && 'there is no SIGHUP');

function get(port: number, path: string): Promise<{ status: number; headers: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    request({ port, host: '127.0.0.1', path, rejectUnauthorized: false, agent: false }, (answer) => {
      answer.resume().on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers }));
    })
      .on('error', reject)
      .end();
  });
}

/** The name in the current certificate. */
function nameShown(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

async function withTls(t: TestContext) {
  const dir = dataDir(t);
  const { cert, key } = makePair(dir, 'primero');
  const room = await builtRoom(t);
  const gateway = await launchGateway(t, room.port, { TLS_CERT: cert, TLS_KEY: key });
  return { dir, cert, key, gateway };
}

test('gateway with a certificate serves https alone, and tells browsers to stay with it', {
  skip,
}, async (t) => {
  const { gateway } = await withTls(t);
  const { status, headers } = await get(gateway.port, '/');
  assert.equal(status, 200);
  assert.match(String(headers['strict-transport-security']), /max-age=\d{7,}/);
  assert.equal(headers['cross-origin-opener-policy'], 'same-origin');
  await assert.rejects(fetch(`http://127.0.0.1:${gateway.port}/`));
});

test('SIGHUP loads a renewed certificate, and a broken one changes nothing', { skip }, async (t) => {
  const { dir, cert, key, gateway } = await withTls(t);
  const renewed = makePair(dir, 'segundo');
  copyFileSync(renewed.cert, cert);
  copyFileSync(renewed.key, key);
  gateway.program.signal('SIGHUP');
  await eventually(
    async () => (await nameShown(gateway.port)) === 'segundo',
    () => 'the old one is still shown',
  );
  writeFileSync(key, 'no es una clave');
  gateway.program.signal('SIGHUP');
  await gateway.program.prints('the old certificate stays in use');
  assert.equal(await nameShown(gateway.port), 'segundo');
});

test('gateway on plain http asks no browser for https', async (t) => {
  const room = await builtRoom(t);
  const gateway = await launchGateway(t, room.port);
  assert.equal((await gateway.get('/')).headers.get('strict-transport-security'), null);
});

test('unusable certificate stops the start with one line', { skip }, async (t) => {
  const dir = dataDir(t);
  const [one, two] = [makePair(dir, 'uno'), makePair(dir, 'dos')];
  const rows: [Record<string, string>, RegExp][] = [
    [{ TLS_CERT: one.cert }, /^Bad configuration: TLS_KEY is missing: .*\n$/],
    [{ TLS_KEY: one.key }, /^Bad configuration: TLS_CERT is missing: .*\n$/],
    [
      { TLS_CERT: join(dir, 'no'), TLS_KEY: one.key },
      /^Bad configuration: TLS_CERT=.*no can not be read: .*\n$/,
    ],
    [
      { TLS_CERT: one.cert, TLS_KEY: two.key },
      /^Bad configuration: TLS_CERT=.* are no certificate and its key: .*\n$/,
    ],
    [
      { TLS_CERT: one.key, TLS_KEY: one.key },
      /^Bad configuration: TLS_CERT=.* are no certificate and its key: .*\n$/,
    ],
  ];
  for (const [env, line] of rows) {
    const program = await start(t, process.execPath, ['dist/gateway/main.js'], { ...env, HTTP_PORT: '0' });
    assert.equal((await program.exits()).code, 2);
    assert.match(program.errors, line);
  }
});
