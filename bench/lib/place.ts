/**
 * The room and the gateway as `npm start` runs them, with a transcript of some length, behind a trusted proxy.
 * Loopback has no limits per address, since it may be a proxy. So clients name their addresses as a proxy does.
 */
import type { Cleanup } from '../../test/helpers/eventually.ts';
import { dataDir, type Gateway, startGateway } from '../../test/helpers/gateway.ts';
import { builtRoom } from '../../test/helpers/room.ts';
import { fill } from './long-log.ts';

type Env = Record<string, string>;

export interface Place {
  gateway: Gateway;
  roomPort: number;
  roomPid: number;
}

/** `messages`: number of messages in the transcript. */
export async function openPlace(
  t: Cleanup,
  messages: number,
  gatewayEnv: Env = {},
  roomEnv: Env = {},
): Promise<Place> {
  const room = await builtRoom(t, 'broadcast', { TCP_GATEWAY_PORT: '0', ...roomEnv });
  const [, gatewayPort] = await room.program.prints(/Pasarelas: escuchando en .*:(\d+)/);
  const dir = dataDir(t);
  await fill(dir, messages);
  const gateway = await startGateway(t, Number(gatewayPort), {
    DATA_DIR: dir,
    ROOM_PROXY_PROTOCOL: 'v2',
    TRUSTED_PROXIES: '127.0.0.1',
    ...gatewayEnv,
  });
  return { gateway, roomPort: room.port, roomPid: room.program.child.pid ?? 0 };
}
