/**
 * Tells the room for whom each connection is, where it wants to know, and so under which address it stands there.
 */
import type { Socket } from 'node:net';
import { formatAddress } from '../../tcp-server/wire.ts';
import type { Peer } from '../lib/client-address.ts';
import { canonicalIp, type Endpoint, type ProxyProtocol, proxyHeader } from './proxy-header.ts';

const MAX_PORT = 65_535;

export class ProxyHeaderWriter {
  readonly #protocol: ProxyProtocol | 'off';

  constructor(protocol: ProxyProtocol | 'off') {
    this.#protocol = protocol;
  }

  /** The gateway's own connection. Returns its `IP:PORT` in the room. */
  writeForGateway(socket: Socket): string {
    return this.#write(socket, null);
  }

  /**
   * The connection of a voice. Returns its `IP:PORT` in the room: the browser's, whose port is taken where it is
   * known and free. A page that was reloaded has another one than its voice, and behind one more proxy many have
   * the same or none; what tells voices apart must be one's own.
   */
  writeForClient(socket: Socket, peer: Peer, isTaken: (address: string) => boolean): string {
    const ip = canonicalIp(peer.ip);
    if (ip === undefined || this.#protocol === 'off') return this.writeForGateway(socket);
    const { localPort = 0 } = socket;
    const isOthers = (port: number): boolean => isTaken(formatAddress(ip, port));
    let port = peer.port || localPort;
    if (isOthers(port)) port = localPort;
    while (isOthers(port)) port = (port % MAX_PORT) + 1;
    return this.#write(socket, { ip, port });
  }

  #write(socket: Socket, from: Endpoint | null): string {
    const { localAddress = '', localPort = 0 } = socket;
    if (this.#protocol === 'off') return formatAddress(localAddress, localPort);
    const { remoteAddress = '', remotePort = 0 } = socket;
    socket.write(
      proxyHeader(this.#protocol, from, { ip: canonicalIp(remoteAddress) ?? '', port: remotePort }),
    );
    return formatAddress(from?.ip ?? localAddress, from?.port ?? localPort);
  }
}
