import { isObject } from '../../common/guards.ts';
import { CLOSE, type LabCommand, type LabEnd, type LabEvent } from '../../gateway/protocol.ts';
import { fromHex, parseEscapes, toHex } from './escapes.ts';
import type { LabStep } from './experiments.ts';

/** Most entries of the list, and most of their bytes. Older entries are dropped. */
export const LAB_ENTRIES = 300;
export const LAB_KEPT_BYTES = 512 * 1024;

/** Why a connection ended, beside its own ends. `left`: the person closed it. `offline`: the gateway is unreachable. */
export type LabOutcome = LabEnd | 'left' | 'idle' | 'full' | 'locked' | 'offline';

/**
 *     idle, ended ---> connecting ---> open ---> ended
 *                          `---------------------'
 */
export type LabState =
  | { name: 'idle' }
  | { name: 'connecting' }
  | { name: 'open'; address: string; isReading: boolean; hasSentFin: boolean; hasReceivedFin: boolean }
  | { name: 'ended'; outcome: LabOutcome };

export type LabNote =
  | { of: 'open'; address: string }
  | { of: 'fin-sent' | 'fin-received' | 'stopped-reading' | 'resumed-reading' | 'queue-full' }
  | { of: 'waiting' | 'skipped'; bytes: number }
  | { of: 'ended'; outcome: LabOutcome };

/** `at`: ms since the connection was opened. */
export type LabEntry = { key: number; at: number } & (
  | { kind: 'sent' | 'received'; bytes: Uint8Array }
  | { kind: 'note'; note: LabNote }
);

type WithoutKey<T> = T extends unknown ? Omit<T, 'key'> : never;

/** The parts of a WebSocket that the lab uses. */
export interface LabSocket {
  send(data: string): void;
  close(): void;
}

export interface LabSocketListener {
  onMessage(data: unknown): void;
  onClose(code: number): void;
}

interface LabEffects {
  openSocket(listener: LabSocketListener): LabSocket;
  wait(ms: number): Promise<void>;
  changed(): void;
}

const OUTCOMES: Record<number, LabOutcome> = {
  [CLOSE.idle]: 'idle',
  [CLOSE.full]: 'full',
  [CLOSE.crowded]: 'full',
  [CLOSE.locked]: 'locked',
  [CLOSE.foreign]: 'locked',
};

/** A raw connection into the room, and the list of what it sent and received. */
export class LabClient {
  readonly #effects: LabEffects;
  readonly #entries: LabEntry[] = [];
  #state: LabState = { name: 'idle' };
  #socket: LabSocket | undefined;
  /** Writes without a report of the gateway yet, oldest first. */
  #unreported: Uint8Array[] = [];
  #nextKey = 0;
  #keptBytes = 0;
  #lastAt = 0;
  #isRunning = false;
  /** Called when the state is no longer `connecting`. */
  #onSettled: () => void = () => {};

  constructor(effects: LabEffects) {
    this.#effects = effects;
  }

  get state(): LabState {
    return this.#state;
  }

  get entries(): readonly LabEntry[] {
    return this.#entries;
  }

  /** Steps are on their way. */
  get isRunning(): boolean {
    return this.#isRunning;
  }

  connect(): void {
    if (this.#state.name === 'connecting' || this.#state.name === 'open') return;
    this.#unreported = [];
    this.#lastAt = 0;
    const socket = this.#effects.openSocket({
      onMessage: (data) => socket === this.#socket && this.#onEvent(parseLabEvent(data)),
      onClose: (code) => socket === this.#socket && this.#end(OUTCOMES[code] ?? 'offline'),
    });
    this.#socket = socket;
    this.#setState({ name: 'connecting' });
  }

  /** Closes the connection with FIN. The gateway reads what is left. */
  close(): void {
    if (this.#state.name !== 'connecting' && this.#state.name !== 'open') return;
    this.#socket?.close();
    this.#socket = undefined;
    this.#end('left');
  }

  sendFin(): void {
    this.#send({ type: 'end' });
  }

  reset(): void {
    this.#send({ type: 'reset' });
  }

  setReading(reading: boolean): void {
    this.#send({ type: 'read', reading });
  }

  clear(): void {
    this.#entries.length = 0;
    this.#keptBytes = 0;
    this.#effects.changed();
  }

  /** Connects if necessary, then does one step after another, until the connection ends. */
  async run(steps: readonly LabStep[]): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#effects.changed();
    this.connect();
    if (this.#state.name === 'connecting') {
      await new Promise<void>((settled) => {
        this.#onSettled = settled;
      });
    }
    const socket = this.#socket;
    for (const step of steps) {
      if (this.#state.name !== 'open' || this.#socket !== socket) break;
      await this.#do(step);
    }
    this.#isRunning = false;
    this.#effects.changed();
  }

  /** Runs the steps on a connection that reads and writes, which may be a new one. */
  async runExperiment(steps: readonly LabStep[]): Promise<void> {
    if (this.#isRunning) return;
    const { state } = this;
    const isWhole = state.name === 'open' && state.isReading && !state.hasSentFin && !state.hasReceivedFin;
    if (state.name === 'open' && !isWhole) this.close();
    await this.run(steps);
  }

  async #do(step: LabStep): Promise<void> {
    switch (step.name) {
      case 'write':
        this.#write(parseEscapes(step.text));
        break;
      case 'wait':
        await this.#effects.wait(step.ms);
        break;
      case 'end':
        this.sendFin();
        break;
      case 'reset':
        this.reset();
        break;
      case 'stop-reading':
        this.setReading(false);
        break;
      default:
        step satisfies never;
    }
  }

  #write(bytes: ReturnType<typeof parseEscapes>): void {
    if (!(bytes instanceof Uint8Array) || bytes.length === 0) return;
    this.#unreported.push(bytes);
    this.#send({ type: 'write', bytes: toHex(bytes) });
  }

  #send(command: LabCommand): void {
    if (this.#state.name === 'open') this.#socket?.send(JSON.stringify(command));
  }

  #onEvent(event: LabEvent | undefined): void {
    if (!event) return;
    const { at } = event;
    this.#lastAt = at;
    switch (event.type) {
      case 'open':
        this.#onOpen(at, event.address);
        break;
      case 'received':
        this.#add({ at, kind: 'received', bytes: fromHex(event.bytes) });
        break;
      case 'skipped':
        this.#note(at, { of: 'skipped', bytes: event.bytes });
        break;
      case 'wrote':
        this.#add({ at, kind: 'sent', bytes: this.#unreported.shift() ?? new Uint8Array() });
        if (event.waiting > 0) this.#note(at, { of: 'waiting', bytes: event.waiting });
        break;
      case 'reading':
        this.#change({ isReading: event.reading });
        this.#note(at, { of: event.reading ? 'resumed-reading' : 'stopped-reading' });
        break;
      case 'fin':
        this.#change(event.from === 'lab' ? { hasSentFin: true } : { hasReceivedFin: true });
        this.#note(at, { of: event.from === 'lab' ? 'fin-sent' : 'fin-received' });
        break;
      case 'error':
        // Only writes are refused. Others that this page sends are valid.
        this.#unreported.shift();
        this.#note(at, { of: 'queue-full' });
        break;
      case 'closed':
        this.#end(event.by);
        break;
      default:
        event satisfies never;
    }
  }

  #onOpen(at: number, address: string): void {
    this.#setState({ name: 'open', address, isReading: true, hasSentFin: false, hasReceivedFin: false });
    this.#note(at, { of: 'open', address });
  }

  #end(outcome: LabOutcome): void {
    if (this.#state.name !== 'connecting' && this.#state.name !== 'open') return;
    this.#note(this.#lastAt, { of: 'ended', outcome });
    this.#setState({ name: 'ended', outcome });
  }

  #note(at: number, note: LabNote): void {
    this.#add({ at, kind: 'note', note });
  }

  #add(entry: WithoutKey<LabEntry>): void {
    this.#entries.push({ ...entry, key: this.#nextKey++ } as LabEntry);
    this.#keptBytes += bytesOf(entry);
    while (this.#entries.length > LAB_ENTRIES || this.#keptBytes > LAB_KEPT_BYTES) {
      const oldest = this.#entries.shift();
      this.#keptBytes -= oldest ? bytesOf(oldest) : 0;
    }
    this.#effects.changed();
  }

  #change(change: Partial<LabState & { name: 'open' }>): void {
    if (this.#state.name === 'open') this.#setState({ ...this.#state, ...change });
  }

  #setState(state: LabState): void {
    this.#state = state;
    if (state.name !== 'connecting') this.#onSettled();
    this.#effects.changed();
  }
}

function bytesOf(entry: WithoutKey<LabEntry>): number {
  return entry.kind === 'note' ? 0 : entry.bytes.length;
}

const EVENT_TYPES = ['open', 'received', 'skipped', 'wrote', 'reading', 'fin', 'error', 'closed'];

/** Returns undefined for an unknown event, because a newer gateway may send more types. */
function parseLabEvent(data: unknown): LabEvent | undefined {
  try {
    const event: unknown = JSON.parse(String(data));
    return isObject(event) && EVENT_TYPES.includes(String(event.type)) ? (event as LabEvent) : undefined;
  } catch {
    return undefined;
  }
}
