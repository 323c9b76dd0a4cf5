/**
 * A connection that a proxy must announce: it is nobody's before the PROXY header has come.
 */
import type { Socket } from 'node:net';
import { type Origin, readProxyHeader } from './proxy-protocol.ts';

export type ProxyHandshake =
  /** null: the proxy's own connection. What came after the header is still to be read from the socket. */
  | { kind: 'origin'; from: Origin | null }
  /** It was closed, or said its last word, before the header was whole: a proxy that looks whether we are alive. */
  | { kind: 'nothing' }
  | { kind: 'bad'; why: string };

export function awaitProxyHeader(socket: Socket, timeoutMs: number): Promise<ProxyHandshake> {
  return new Promise((resolve) => {
    let bytes: Buffer = Buffer.alloc(0);
    const timer = setTimeout(() => settle({ kind: 'bad', why: `none within ${timeoutMs} ms` }), timeoutMs);
    const settle = (announced: ProxyHandshake): void => {
      clearTimeout(timer);
      socket.pause().off('data', onData).off('end', onEnd).off('close', onEnd);
      resolve(announced);
    };
    const onEnd = (): void => settle({ kind: 'nothing' });
    const onData = (chunk: Buffer): void => {
      bytes = Buffer.concat([bytes, chunk]);
      const header = readProxyHeader(bytes);
      if (header.kind === 'bad') settle(header);
      else if (header.kind === 'header') {
        settle({ kind: 'origin', from: header.from });
        if (header.size < bytes.length) socket.unshift(bytes.subarray(header.size));
      }
    };
    socket.on('data', onData).on('end', onEnd).on('close', onEnd);
  });
}
