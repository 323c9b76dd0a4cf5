/**
 * See TCP: what a watcher is told of the bytes of a Python room is what a proxy in front of the gateway has recorded.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, type TestContext, test } from 'node:test';
import { WebSocket } from 'ws';
import { type SeenConnection, type SeenPart, type SeenRead, SUBPROTOCOL } from '../../gateway/protocol.ts';
import { type Cleanup, eventually } from '../helpers/eventually.ts';
import { openTab, startGateway, Tab } from '../helpers/gateway.ts';
import { openRecordingProxy, type RecordingProxy } from '../helpers/proxy.ts';
import { pythonRoom, withoutPython } from '../helpers/python.ts';
import { sharedFixture } from '../helpers/shared-fixture.ts';
import { enter } from '../helpers/tcp.ts';

const gateway = sharedFixture(async (t) => {
  const room = await pythonRoom(t);
  const proxy = await openRecordingProxy(t, room.port);
  const { port } = await startGateway(t, proxy.port);
  return { port, proxy, roomPort: room.port };
});

class Watcher {
  readonly tab: Tab;
  /** Bytes that the ear had read before. */
  readonly #before: number;

  constructor(tab: Tab, before: number) {
    this.tab = tab;
    this.#before = before;
  }

  get reads(): SeenRead[] {
    return this.tab.seen.flatMap(({ reads }) => reads);
  }

  /** The parts, each as it was last sent. */
  get parts(): SeenPart[] {
    const all = this.tab.seen.flatMap(({ parts }) => parts);
    return [...new Map(all.map((part) => [part.offset, part])).values()];
  }

  get connections(): SeenConnection[] | undefined {
    return this.tab.seen.findLast(({ connections }) => connections)?.connections;
  }

  async sees(bytes: number): Promise<void> {
    const count = () => this.reads.reduce((sum, read) => sum + read.bytes, 0);
    await eventually(
      () => count() >= bytes,
      () => `the watcher has seen ${count()} bytes, not ${bytes}`,
    );
  }

  /** Each part has the recorded bytes, and together they have all of them. */
  agreesWith(proxy: RecordingProxy): void {
    const recorded = proxy.recorded.subarray(this.#before);
    const seen = Buffer.alloc(recorded.length);
    for (const { offset, data } of this.parts) Buffer.from(data, 'base64').copy(seen, offset);
    assert.equal(seen.toString('latin1'), recorded.toString('latin1'));
  }
}

/** A connection that watches, and has no session. */
async function watch(t: Cleanup): Promise<Watcher> {
  const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}/ws`, SUBPROTOCOL);
  t.after(() => socket.terminate());
  const tab = new Tab(socket);
  await once(socket, 'open');
  const before = gateway.proxy.recorded.length;
  tab.send({ type: 'watch', watching: true });
  await eventually(
    () => tab.seen.length > 0,
    () => 'no answer to watch',
  );
  return new Watcher(tab, before);
}

async function stop({ tab }: Watcher): Promise<void> {
  tab.send({ type: 'leave' });
  assert.equal((await tab.isClosed()).code, 1000);
}

/** Header, text and line ends of each part. */
function wordsOf(parts: SeenPart[]): string[][] {
  return parts.map(({ data, header, text }) => {
    const bytes = Buffer.from(data, 'base64');
    return [
      bytes.subarray(0, header),
      bytes.subarray(header, header + text),
      bytes.subarray(header + text),
    ].map(String);
  });
}

describe('with a Python room', { skip: withoutPython }, () => {
  test('watcher sees which messages a read has glued, and where it is cut', async (t: TestContext) => {
    const watcher = await watch(t);
    const terminal = await enter(t, gateway.roomPort);
    const header = `${terminal.address} dice: `;
    gateway.proxy.hold();
    let bytes = 0;
    for (const text of ['uno\n', 'dos\n', 'tres\n', 'mañana']) {
      terminal.send(text);
      bytes += Buffer.byteLength(header + text);
      await gateway.proxy.holds(bytes);
    }
    // Glues three messages and cuts the header of the next, then the character.
    const cuts = [3 * header.length + 13 + 5, header.length - 5 + 3, bytes];
    let seen = 0;
    for (const cut of cuts) {
      const passed = Math.min(cut, bytes - seen);
      gateway.proxy.pass(passed);
      seen += passed;
      await watcher.sees(seen);
    }
    gateway.proxy.release();
    assert.deepEqual(
      watcher.reads.map((read) => read.bytes),
      [cuts[0], cuts[1], bytes - (cuts[0] ?? 0) - (cuts[1] ?? 0)],
    );
    assert.deepEqual(wordsOf(watcher.parts).slice(0, 2), [
      [header, 'uno', '\n'],
      [header, 'dos', '\n'],
    ]);
    const last = watcher.parts.slice(3);
    assert.deepEqual([last[0]?.offset, last[0]?.header], [3 * header.length + 13, header.length]);
    assert.equal(
      last.reduce((sum, part) => sum + part.text, 0),
      Buffer.byteLength('mañana'),
    );
    watcher.agreesWith(gateway.proxy);
    await stop(watcher);
    await terminal.leave();
  });

  test('watcher sees 3,000 bytes with accents as the room broadcasts them', async (t) => {
    const watcher = await watch(t);
    const terminal = await enter(t, gateway.roomPort);
    terminal.send(`${'ñ'.repeat(1_499)}\n`);
    const header = `${terminal.address} dice: `;
    await watcher.sees(3 * header.length + 2_999);
    await eventually(
      () => watcher.parts.filter((part) => part.header > 0).length >= 3,
      () => 'the room made no three messages of it',
    );
    watcher.agreesWith(gateway.proxy);
    await stop(watcher);
    await terminal.leave();
  });

  test('watcher sees the writes of a voice for each chunk of a message, and their time', async (t) => {
    const watcher = await watch(t);
    const tab = await openTab(t, gateway);
    const text = 'ñandú '.repeat(300).trim();
    const receipt = await tab.receivesReceipt(tab.say(text), 'heard');
    const own = () => watcher.parts.filter(({ root }) => root === receipt.seq);
    const written = () => own().flatMap((part) => part.written ?? []);
    const total = () => written().reduce((sum, { bytes }) => sum + bytes, 0);
    const chunks = tab.entries.filter(({ seq, continues }) => (continues ?? seq) === receipt.seq);
    await eventually(
      () => total() === Buffer.byteLength(text) + chunks.length,
      () => `the writes have ${total()} bytes`,
    );
    assert.equal(written().length, chunks.length);
    assert.ok(written().every(({ ms }) => ms >= 0));
    watcher.agreesWith(gateway.proxy);
    tab.send({ type: 'leave' });
    await stop(watcher);
  });

  test('watcher sees the ear and each voice as the room shows them', async (t) => {
    const tab = await openTab(t, gateway);
    const watcher = await watch(t);
    const connections = await eventually(
      () => watcher.connections,
      () => 'no connections',
    );
    const [ear, ...voices] = connections;
    assert.deepEqual([ear?.kind, ear?.state, ear?.roomPort], ['ear', 'open', gateway.proxy.port]);
    const voice = voices.find(({ address }) => address === tab.you);
    assert.deepEqual([voice?.kind, voice?.address], ['voice', `127.0.0.1:${voice?.port}`]);
    assert.ok(Object.keys(voice ?? {}).length <= 8);
    tab.send({ type: 'leave' });
    await stop(watcher);
  });

  test('session may watch too, and stops by a message', async (t) => {
    const tab = await openTab(t, gateway);
    tab.send({ type: 'watch', watching: true });
    await tab.receivesReceipt(tab.say('con mirada'), 'heard');
    await eventually(
      () => tab.seen.some(({ parts }) => parts.some(({ written }) => written)),
      () => 'the session sees nothing',
    );
    tab.send({ type: 'watch', watching: false });
    tab.send({ type: 'ping' });
    await eventually(
      () => tab.pongs > 0,
      () => 'no pong',
    );
    const before = tab.seen.length;
    const watcher = await watch(t);
    await tab.receivesReceipt(tab.say('sin mirada'), 'heard');
    await eventually(
      () => watcher.parts.length > 0,
      () => 'the watcher sees nothing',
    );
    assert.equal(tab.seen.length, before);
    tab.send({ type: 'leave' });
    await stop(watcher);
  });

  test('watcher without a session may not send, and hello comes too late', async (t) => {
    const { tab } = await watch(t);
    tab.send({ type: 'say', id: '1', text: 'hola' });
    tab.send({ type: 'hello' });
    await eventually(
      () => tab.errors.length === 2,
      () => `the errors are ${tab.errors}`,
    );
    assert.deepEqual(tab.errors, ['hello-first', 'hello-twice']);
    tab.send({ type: 'watch', watching: false });
    assert.equal((await tab.isClosed()).code, 1000);
  });
});
