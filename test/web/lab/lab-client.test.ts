import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLOSE, type LabCommand, type LabEvent } from '../../../gateway/protocol.ts';
import {
  LAB_ENTRIES,
  LAB_KEPT_BYTES,
  LabClient,
  type LabEntry,
  type LabOutcome,
  type LabSocketListener,
} from '../../../web/lab/lab-client.ts';

type WithoutTime<T> = T extends unknown ? Omit<T, 'at'> : never;

/** A client whose gateway and clock are the test. */
class Harness {
  readonly commands: LabCommand[] = [];
  readonly waits: { ms: number; end: () => void }[] = [];
  opened = 0;
  isClosed = false;
  #listener: LabSocketListener | undefined;
  readonly client = new LabClient({
    openSocket: (listener) => {
      this.opened++;
      this.#listener = listener;
      return {
        send: (data) => this.commands.push(JSON.parse(data) as LabCommand),
        close: () => {
          this.isClosed = true;
        },
      };
    },
    wait: (ms) => new Promise((end) => this.waits.push({ ms, end })),
    changed: () => {},
  });

  receive(event: WithoutTime<LabEvent>): void {
    this.#listener?.onMessage(JSON.stringify({ ...event, at: 1 }));
  }

  receiveRaw(data: unknown): void {
    this.#listener?.onMessage(data);
  }

  close(code: number): void {
    this.#listener?.onClose(code);
  }

  open(): this {
    this.client.connect();
    this.receive({ type: 'open', address: '127.0.0.1:4000' });
    return this;
  }

  get notes(): string[] {
    return this.client.entries.flatMap((entry) => (entry.kind === 'note' ? [entry.note.of] : []));
  }
}

/** Lets promises settle that nothing but the test can delay. */
const settle = () => new Promise(setImmediate);

const textOf = (entry: LabEntry | undefined) =>
  entry && entry.kind !== 'note' ? [entry.kind, Buffer.from(entry.bytes).toString()] : [];

test('client connects before its first step, and lists sent and received bytes', async () => {
  const harness = new Harness();
  const run = harness.client.run([{ name: 'write', text: 'hola\\n' }]);
  assert.equal(harness.client.state.name, 'connecting');
  harness.receive({ type: 'open', address: '127.0.0.1:4000' });
  await run;
  assert.deepEqual(harness.commands, [{ type: 'write', bytes: '686f6c610a' }]);
  harness.receive({ type: 'wrote', bytes: 5, waiting: 0 });
  harness.receive({ type: 'received', bytes: 'c3' });
  assert.deepEqual(harness.client.entries.slice(1, 2).map(textOf), [['sent', 'hola\n']]);
  assert.deepEqual(harness.client.entries.at(-1), {
    at: 1,
    kind: 'received',
    bytes: Uint8Array.of(0xc3),
    key: 2,
  });
});

test('client waits between steps, and stops when the connection ends', async () => {
  const harness = new Harness().open();
  const run = harness.client.run([
    { name: 'write', text: 'a' },
    { name: 'wait', ms: 500 },
    { name: 'stop-reading' },
    { name: 'wait', ms: 1 },
    { name: 'end' },
  ]);
  await settle();
  assert.deepEqual([harness.commands.length, harness.waits[0]?.ms, harness.client.isRunning], [1, 500, true]);
  harness.waits[0]?.end();
  await settle();
  assert.deepEqual(harness.commands.at(-1), { type: 'read', reading: false });
  harness.receive({ type: 'closed', by: 'room-reset' });
  harness.waits[1]?.end();
  await run;
  assert.equal(harness.commands.length, 2);
  assert.deepEqual(harness.client.state, { name: 'ended', outcome: 'room-reset' });
});

test('client runs nothing twice at once, and nothing if the room refuses', async () => {
  const harness = new Harness();
  const run = harness.client.run([{ name: 'reset' }]);
  await harness.client.run([{ name: 'end' }]);
  harness.receive({ type: 'closed', by: 'refused' });
  await run;
  assert.deepEqual([harness.opened, harness.commands], [1, []]);
  assert.deepEqual(harness.client.state, { name: 'ended', outcome: 'refused' });
});

test('experiment opens a new connection when the old one does not read, or a side sent FIN', async () => {
  const events: WithoutTime<LabEvent>[] = [
    { type: 'reading', reading: false },
    { type: 'fin', from: 'lab' },
    { type: 'fin', from: 'room' },
  ];
  for (const event of events) {
    const harness = new Harness().open();
    await harness.client.runExperiment([{ name: 'write', text: 'a' }]);
    assert.equal(harness.opened, 1);
    harness.receive(event);
    const run = harness.client.runExperiment([{ name: 'write', text: 'b' }]);
    assert.deepEqual([harness.opened, harness.isClosed, harness.commands.length], [2, true, 1]);
    harness.receive({ type: 'open', address: '127.0.0.1:4001' });
    await run;
    assert.deepEqual(harness.commands.at(-1), { type: 'write', bytes: '62' });
  }
});

test('client follows reading and FIN in its state, and notes each event', () => {
  const harness = new Harness().open();
  harness.receive({ type: 'reading', reading: false });
  harness.receive({ type: 'fin', from: 'lab' });
  const { state } = harness.client;
  const open = { name: 'open', address: '127.0.0.1:4000', hasSentFin: true };
  assert.deepEqual(state, { ...open, isReading: false, hasReceivedFin: false });
  harness.receive({ type: 'reading', reading: true });
  harness.receive({ type: 'fin', from: 'room' });
  assert.deepEqual(harness.client.state, { ...open, isReading: true, hasReceivedFin: true });
  harness.receive({ type: 'skipped', bytes: 9 });
  harness.receive({ type: 'wrote', bytes: 1, waiting: 7 });
  harness.receive({ type: 'error', code: 'queue-full', message: '' });
  harness.receive({ type: 'closed', by: 'fin' });
  const notes = [
    'open',
    'stopped-reading',
    'fin-sent',
    'resumed-reading',
    'fin-received',
    'skipped',
    'waiting',
  ];
  assert.deepEqual(harness.notes, [...notes, 'queue-full', 'ended']);
});

test('client names the reason of a close, and ends once', () => {
  const rows: [number, LabOutcome][] = [
    [CLOSE.idle, 'idle'],
    [CLOSE.full, 'full'],
    [CLOSE.crowded, 'full'],
    [CLOSE.locked, 'locked'],
    [1006, 'offline'],
  ];
  for (const [code, outcome] of rows) {
    const harness = new Harness().open();
    harness.close(code);
    harness.close(1006);
    assert.deepEqual(harness.client.state, { name: 'ended', outcome });
  }
});

test('client that closes ignores late events, and connects again', () => {
  const harness = new Harness().open();
  harness.client.close();
  assert.deepEqual([harness.isClosed, harness.client.state], [true, { name: 'ended', outcome: 'left' }]);
  const { length } = harness.client.entries;
  harness.receive({ type: 'closed', by: 'fin' });
  assert.equal(harness.client.entries.length, length);
  harness.open();
  assert.deepEqual([harness.opened, harness.client.state.name], [2, 'open']);
});

test('client ignores frames that it does not know', () => {
  const harness = new Harness().open();
  for (const data of ['{', 'null', '{"type":"later"}', new ArrayBuffer(1)]) harness.receiveRaw(data);
  assert.equal(harness.client.entries.length, 1);
});

test('client keeps a limited number of entries, and of bytes', () => {
  const harness = new Harness().open();
  for (let i = 0; i < LAB_ENTRIES; i++) harness.receive({ type: 'received', bytes: '00' });
  assert.equal(harness.client.entries.length, LAB_ENTRIES);
  assert.deepEqual(harness.notes, []);
  const half = 'ff'.repeat(LAB_KEPT_BYTES / 2);
  harness.receive({ type: 'received', bytes: half });
  harness.receive({ type: 'received', bytes: half });
  assert.equal(harness.client.entries.length, 2);
  harness.receive({ type: 'received', bytes: '00' });
  assert.equal(harness.client.entries.length, 2);
  harness.client.clear();
  assert.deepEqual(harness.client.entries, []);
});
