/**
 * How a gateway proves to NATS who it is, and how it knows NATS.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { EngineRefused } from '../../gateway/cluster/engine.ts';
import type { NatsOptions } from '../../gateway/cluster/nats/connect.ts';
import { loadNats } from '../../gateway/cluster/nats/packages.ts';
import { makePair, withoutOpenssl } from '../helpers/certificate.ts';
import { type Cleanup, eventually } from '../helpers/eventually.ts';
import { dataDir, openTab, startGateway } from '../helpers/gateway.ts';
import { without } from '../helpers/process.ts';
import { builtRoom } from '../helpers/room.ts';
import { makeOperator } from './nats-accounts.ts';
import { type NatsServer, openEngine, startNats } from './nats-servers.ts';

const skip = without('nats-server') || withoutOpenssl;
const never = new AbortController().signal;

async function opens(t: Cleanup, servers: NatsServer[], options: Partial<NatsOptions>): Promise<void> {
  const { engine } = await openEngine(t, servers, options);
  assert.equal(await engine.lastSequence(never), 0);
}

async function isRefused(t: Cleanup, servers: NatsServer[], options: Partial<NatsOptions>): Promise<void> {
  await assert.rejects(openEngine(t, servers, options), (error: Error) => {
    return error instanceof EngineRefused && /refuses the token or the credentials$/.test(error.message);
  });
}

/** Waits until a gateway that waits says so. A server that is slow for a moment has another line before. */
async function waits(
  t: Cleanup,
  servers: NatsServer[],
  options: Partial<NatsOptions>,
  line: RegExp,
): Promise<void> {
  const lines: string[] = [];
  const ending = new AbortController();
  const opening = openEngine(t, servers, options, ending.signal, lines);
  await eventually(
    () => lines.some((said) => line.test(said)),
    () => `no line is ${line}: ${lines.join('\n')}`,
  );
  ending.abort(new Error('enough'));
  await assert.rejects(opening, /enough/);
}

describe('access to NATS', { skip }, () => {
  test('NATS with a token accepts the right one alone, and no gateway without it', async (t) => {
    const servers = await startNats(t, 1, 'authorization { token: "the right one" }');
    await isRefused(t, servers, { token: 'a wrong one' });
    await isRefused(t, servers, {});
    await opens(t, servers, { token: 'the right one' });
  });

  test('NATS with users accepts the credentials of a user alone', async (t) => {
    const { transport } = await loadNats();
    const [user, stranger] = [transport.nkeys.createUser(), transport.nkeys.createUser()];
    // The server checks the signature of the seed. Without an operator it looks at no token of the user.
    const credentialsOf = (keys: typeof user) => ({
      credentials: [
        '-----BEGIN NATS USER JWT-----\nnone\n------END NATS USER JWT------',
        `-----BEGIN USER NKEY SEED-----\n${new TextDecoder().decode(keys.getSeed())}\n------END USER NKEY SEED------`,
      ].join('\n\n'),
    });
    const servers = await startNats(t, 1, `authorization { users: [{ nkey: ${user.getPublicKey()} }] }`);
    await isRefused(t, servers, credentialsOf(stranger));
    await opens(t, servers, credentialsOf(user));
  });

  test('gateway uses the credentials file of a user where NATS has an operator', async (t) => {
    const [own, other] = [await makeOperator(), await makeOperator()];
    const servers = await startNats(t, 1, own.lines);
    await isRefused(t, servers, { credentials: other.credentials });
    await isRefused(t, servers, {});
    const file = join(dataDir(t), 'tertulia.creds');
    writeFileSync(file, own.credentials);
    const room = await builtRoom(t);
    const gateway = await startGateway(t, room.port, {
      CLUSTER: servers.map(({ url }) => url).join(','),
      CLUSTER_ALLOW_OLD: 'true',
      CLUSTER_CREDENTIALS: file,
    });
    const tab = await openTab(t, gateway);
    await tab.receivesReceipt(tab.say('hola'), 'heard');
  });

  test('gateway accepts the certificate of its authority for this address, and no other', async (t) => {
    const dir = dataDir(t);
    const [own, other, nameless] = [
      makePair(dir, 'own', '127.0.0.1'),
      makePair(dir, 'other', '127.0.0.1'),
      makePair(dir, 'nameless'),
    ];
    const startWith = async ({ cert, key }: typeof own) =>
      await startNats(t, 1, `tls { cert_file: "${cert}", key_file: "${key}" }`);
    const [servers, elsewhere] = await Promise.all([startWith(own), startWith(nameless)]);
    const authority = ({ cert }: typeof own) => ({ ca: readFileSync(cert, 'utf8') });
    await opens(t, servers, authority(own));
    await waits(
      t,
      servers,
      authority(other),
      /^waiting for NATS at \S+: its certificate is refused: self-signed certificate$/,
    );
    await waits(t, servers, {}, /its certificate is refused/);
    await waits(t, elsewhere, authority(nameless), /its certificate is refused: .* 127\.0\.0\.1 is not/);
  });

  test('gateway with TLS sends nothing to a server without it', async (t) => {
    const servers = await startNats(t, 1);
    const urls = servers.map(({ port }) => `tls://127.0.0.1:${port}`);
    await waits(
      t,
      servers,
      { servers: urls, token: 'secret' },
      /^waiting for NATS at tls:\S+: it has no TLS, which CLUSTER or CLUSTER_CA asks for$/,
    );
  });
});
