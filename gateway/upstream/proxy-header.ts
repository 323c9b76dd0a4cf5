/**
 * Sends the room a PROXY header, which names the client of a connection.
 */
import type { Socket } from 'node:net';
import { canonicalIp, formatAddress } from '../../common/ip.ts';
import {
  type Endpoint,
  formatProxyHeader,
  formatTlv,
  type ProxyProtocol,
} from '../../common/proxy-protocol.ts';
import { NO_BROADCASTS_TLV } from '../../tcp-server/wire.ts';
import type { Peer } from '../lib/client-address.ts';

/** The client of a connection to the room. */
export interface RoomClient {
  readonly peer: Peer;
  /** Returns false if another client has, or had until a moment ago, this `IP:PORT` in the room. */
  mayUse(address: string): boolean;
}

const MAX_PORT = 65_535;

/** A socket that was closed meanwhile has no remote address. */
const CLOSED_SOCKET_IP = '0.0.0.0';

/** A voice discards broadcasts, so the room need not send them. Other rooms skip a TLV that they do not know. */
const VOICE_TLVS = formatTlv(NO_BROADCASTS_TLV.type, Buffer.from(NO_BROADCASTS_TLV.value));

/**
 * Writes the header of a new connection, if the room expects one. Returns the `IP:PORT` that the room will show.
 * Without a client the connection is the gateway's own.
 */
export function writeProxyHeader(
  socket: Socket,
  protocol: ProxyProtocol | 'off',
  client: RoomClient | undefined,
): string {
  const { localAddress = '', localPort = 0, remoteAddress = '', remotePort = 0 } = socket;
  if (protocol === 'off') return formatAddress(localAddress, localPort);
  const from = client ? endpointOf(client, localPort) : null;
  const to = { ip: canonicalIp(remoteAddress) ?? CLOSED_SOCKET_IP, port: remotePort };
  socket.write(formatProxyHeader(protocol, from, to, client && VOICE_TLVS));
  return formatAddress(from?.ip ?? localAddress, from?.port ?? localPort);
}

/**
 * The client's address, with its port if that is known and free. A reloaded page has another port than its voice, and
 * behind one more proxy many clients have the same port or none. The address must be unique, because it identifies the voice.
 */
function endpointOf(client: RoomClient, localPort: number): Endpoint | null {
  const ip = canonicalIp(client.peer.ip);
  if (ip === undefined) return null;
  const isFree = (port: number): boolean => client.mayUse(formatAddress(ip, port));
  let port = client.peer.port || localPort;
  if (!isFree(port)) port = localPort;
  while (!isFree(port)) port = (port % MAX_PORT) + 1;
  return { ip, port };
}
