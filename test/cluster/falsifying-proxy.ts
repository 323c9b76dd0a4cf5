/**
 * Passes on what a gateway and NATS send, and changes what NATS sends while it is told to.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Cleanup } from '../helpers/eventually.ts';

export class FalsifyingProxy {
  readonly port: number;
  /** Returns what the gateway gets in place of these bytes. */
  falsify: ((chunk: Buffer) => Buffer) | undefined;

  constructor(port: number) {
    this.port = port;
  }
}

export async function openFalsifyingProxy(t: Cleanup, natsPort: number): Promise<FalsifyingProxy> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(natsPort, '127.0.0.1');
    far.on('data', (chunk: Buffer) => near.write(proxy.falsify?.(chunk) ?? chunk));
    near.pipe(far);
    for (const socket of [near, far]) sockets.add(socket.on('error', () => {}));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy = new FalsifyingProxy((server.address() as AddressInfo).port);
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return proxy;
}
