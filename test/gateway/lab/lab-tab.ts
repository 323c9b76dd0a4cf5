/**
 * A WebSocket of the lab, as the page uses it.
 */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { type LabCommand, type LabEvent, SUBPROTOCOL, TOKEN_PROTOCOL } from '../../../gateway/protocol.ts';
import { type Cleanup, eventually } from '../../helpers/eventually.ts';

export class LabTab {
  readonly socket: WebSocket;
  readonly events: LabEvent[] = [];
  closed: { code: number; reason: string } | undefined;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data) => this.events.push(JSON.parse(String(data)) as LabEvent));
    socket.on('close', (code, reason) => {
      this.closed = { code, reason: String(reason) };
    });
    socket.on('error', () => {});
  }

  send(command: LabCommand): void {
    this.socket.send(JSON.stringify(command));
  }

  write(content: string | Uint8Array): void {
    this.send({ type: 'write', bytes: Buffer.from(content).toString('hex') });
  }

  /** All bytes that the room has sent so far. */
  get received(): Buffer {
    return Buffer.concat(
      this.events.flatMap((event) => (event.type === 'received' ? [Buffer.from(event.bytes, 'hex')] : [])),
    );
  }

  async receives(content: string | Uint8Array): Promise<void> {
    await eventually(
      () => this.received.includes(Buffer.from(content)),
      () =>
        `did not receive ${JSON.stringify(String(content))}, but ${JSON.stringify(String(this.received))}`,
    );
  }

  async has<Type extends LabEvent['type']>(
    type: Type,
    isIt: (event: LabEvent & { type: Type }) => boolean = () => true,
  ): Promise<LabEvent & { type: Type }> {
    return await eventually(
      () =>
        this.events.find(
          (event): event is LabEvent & { type: Type } => event.type === type && isIt(event as never),
        ),
      () => `no ${type}, but ${JSON.stringify(this.events.slice(-5))} ${JSON.stringify(this.closed)}`,
    );
  }

  async isClosed(): Promise<{ code: number; reason: string }> {
    return await eventually(
      () => this.closed,
      () => 'the WebSocket of the lab was not closed',
    );
  }
}

/** Opens the lab, also if the gateway refuses it afterwards. */
export async function openLab(
  t: Cleanup,
  gateway: { port: number },
  token?: string,
  headers: Record<string, string> = {},
): Promise<LabTab> {
  const protocols = [SUBPROTOCOL, ...(token === undefined ? [] : [`${TOKEN_PROTOCOL}${token}`])];
  const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}/ws/lab`, protocols, { headers });
  t.after(() => socket.terminate());
  const lab = new LabTab(socket);
  await once(socket, 'open');
  return lab;
}

/** Exchanges the hosts' passphrase for a token. */
export async function hostToken(gateway: { port: number }, code: string): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${gateway.port}/api/enter`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
  });
  return ((await answer.json()) as { token: string }).token;
}
