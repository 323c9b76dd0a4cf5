/**
 * A client of the gateway that can write any header, as a browser's page can not.
 */
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import { WebSocket } from 'ws';
import { SUBPROTOCOL } from '../../gateway/protocol.ts';
import { type Cleanup, eventually } from '../helpers/eventually.ts';
import { type Gateway, startGateway, Tab } from '../helpers/gateway.ts';
import { builtRoom } from '../helpers/room.ts';
import { sharedFixture } from '../helpers/shared-fixture.ts';

export async function roomAndGateway(t: Cleanup, env: Record<string, string> = {}) {
  const room = await builtRoom(t);
  return { room, gateway: await startGateway(t, room.port, env) };
}

/** One gateway for the tests of a file that do not change it. */
export function shared(env: Record<string, string> = {}) {
  return sharedFixture((t) => roomAndGateway(t, env));
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** Sends a request and returns its whole answer. */
export function ask(
  gateway: { port: number },
  path: string,
  headers: OutgoingHttpHeaders = {},
  { method = 'GET', body = '' } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: '127.0.0.1', port: gateway.port, path, headers, method, agent: false },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (part) => {
          text += part;
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
      },
    );
    asked.on('error', reject).end(body);
  });
}

export interface Knock {
  path?: string;
  headers?: OutgoingHttpHeaders;
  protocols?: string[];
}

/** Opens a WebSocket, or returns the status of its refusal. */
export async function knock(
  t: Cleanup,
  gateway: { port: number },
  { path = '/ws', headers = {}, protocols = [SUBPROTOCOL] }: Knock = {},
): Promise<{ status: number; tab: Tab }> {
  const url = `ws://127.0.0.1:${gateway.port}${path}`;
  const socket = new WebSocket(url, protocols, { headers: headers as Record<string, string> });
  t.after(() => socket.terminate());
  const tab = new Tab(socket);
  const status = await new Promise<number>((resolve) => {
    socket.once('open', () => resolve(101));
    socket.once('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
  });
  return { status, tab };
}

/** A tab that has sent its hello and joined. */
export async function comeIn(t: Cleanup, gateway: { port: number }, options: Knock = {}): Promise<Tab> {
  const { tab } = await knock(t, gateway, options);
  tab.send({ type: 'hello' });
  await eventually(
    () => tab.welcome,
    () => `no welcome (${JSON.stringify(tab.closed)})`,
  );
  return tab;
}

/** A line of the log. */
export type Line = Record<string, unknown> & { level: number; msg: string };

export function logOf(gateway: Gateway): Line[] {
  // The last line may not be whole yet.
  const lines = gateway.program.output
    .split('\n')
    .slice(0, -1)
    .filter((line) => line.startsWith('{'));
  return lines.map((line) => JSON.parse(line) as Line);
}

/** Waits for the first line with that message. */
export async function logs(gateway: Gateway, message: string): Promise<Line> {
  return await eventually(
    () => logOf(gateway).find(({ msg }) => msg === message),
    () => `no ${message} in ${gateway.program.output}`,
  );
}
