/**
 * Waits for the PROXY header of a connection, which names its client.
 */
import type { Socket } from 'node:net';
import { type Endpoint, findTlv, parseProxyHeader } from '../common/proxy-protocol.ts';
import { NO_BROADCASTS_TLV } from './wire.ts';

export type ProxyHandshake =
  /** `from` is null for the proxy's own connection. Bytes after the header are still to be read from the socket. */
  | { kind: 'announced'; from: Endpoint | null; wantsBroadcasts: boolean }
  /** The connection ended before a complete header, as a proxy's health check does. */
  | { kind: 'ended' }
  | { kind: 'invalid'; reason: string };

export function awaitProxyHeader(socket: Socket, timeoutMs: number): Promise<ProxyHandshake> {
  return new Promise((resolve) => {
    let bytes: Buffer = Buffer.alloc(0);
    const settle = (handshake: ProxyHandshake): void => {
      clearTimeout(timer);
      socket.pause().off('data', onData).off('end', onEnd).off('close', onEnd);
      resolve(handshake);
    };
    const onEnd = (): void => settle({ kind: 'ended' });
    const onData = (chunk: Buffer): void => {
      bytes = Buffer.concat([bytes, chunk]);
      const header = parseProxyHeader(bytes);
      if (header.kind === 'invalid') settle(header);
      else if (header.kind === 'header') {
        const { type, value } = NO_BROADCASTS_TLV;
        const wantsBroadcasts = findTlv(bytes.subarray(0, header.size), type)?.toString() !== value;
        settle({ kind: 'announced', from: header.from, wantsBroadcasts });
        if (header.size < bytes.length) socket.unshift(bytes.subarray(header.size));
      }
    };
    const onTimeout = (): void => settle({ kind: 'invalid', reason: `none within ${timeoutMs} ms` });
    const timer = setTimeout(onTimeout, timeoutMs);
    socket.on('data', onData).on('end', onEnd).on('close', onEnd);
  });
}
