/**
 * The settings of the room server, which are environment variables.
 */
import type { Settings, Values } from '../common/env.ts';
import { DEFAULT_PORT, WIRE_MAX_BYTES } from './wire.ts';

export const settings = {
  TCP_HOST: {
    type: 'string',
    default: '0.0.0.0',
    description: 'Address to listen on. `::` listens on IPv6 and IPv4.',
  },
  TCP_PORT: {
    type: 'integer',
    minimum: 0,
    maximum: 65535,
    default: DEFAULT_PORT,
    description: 'Port of the room server. 0 takes any free port, which the start prints.',
  },
  TCP_MODE: {
    type: 'string',
    enum: ['broadcast', 'echo', 'ack'],
    default: 'broadcast',
    description: "The room repeats a client's message to all others, sends it back, or acknowledges it.",
  },
  TCP_MAX_CLIENTS: {
    type: 'integer',
    minimum: 1,
    default: 10_000,
    description:
      'Most clients at once. Limits memory and open files. One more client is refused with a message.',
  },
  TCP_MAX_CLIENTS_PER_ADDRESS: {
    type: 'integer',
    minimum: 1,
    default: 6000,
    description:
      'Most clients at once from one IP address, so that it can not take the whole room. All browsers of a gateway ' +
      'share its address, unless it sends theirs.',
  },
  TCP_MAX_MESSAGE_BYTES: {
    type: 'integer',
    minimum: 4,
    default: WIRE_MAX_BYTES,
    formerly: ['TCP_MAX_MESSAGE'],
    description:
      "Most bytes of a line under one header. A longer line becomes several. The tutorial's `recv(1024)`. " +
      'At least 4, the longest UTF-8 character.',
  },
  TCP_MAX_BACKLOG_BYTES: {
    type: 'integer',
    minimum: 0,
    default: 1024 * 1024,
    formerly: ['TCP_MAX_BACKLOG'],
    description:
      'Most bytes that wait in the server for one client, besides those in the buffers of the system. A client with ' +
      'more does not read, and is dropped so that the others need not wait. All clients share one copy of the bytes.',
  },
  TCP_SLOW_READER_MS: {
    type: 'integer',
    minimum: 0,
    default: 2000,
    description:
      'Milliseconds that floods wait for a client with more than half of TCP_MAX_BACKLOG_BYTES waiting. So no flood ' +
      'drops a client that reads, and a client that does not read delays no flood for longer.',
  },
  TCP_MAX_RATE_BYTES: {
    type: 'integer',
    minimum: 1,
    default: 1024 * 1024,
    formerly: ['TCP_MAX_RATE'],
    description:
      'Bytes per second, headers included, that one client can make the room send to each other client, ' +
      'after a burst of one second. A line counts as at least 256 bytes. The room reads faster text later, and loses ' +
      'none. So a flood pushes no client with the speed of a home network over TCP_MAX_BACKLOG_BYTES.',
  },
  TCP_KEY_WAIT_MS: {
    type: 'integer',
    minimum: 0,
    maximum: 5000,
    default: 300,
    description:
      'Milliseconds that a single character without a line end waits for the next one, because telnet for Windows ' +
      'sends each key by itself. 0 gathers nothing.',
  },
  TCP_GATEWAY_PORT: {
    type: 'string',
    default: '',
    pattern: '^(\\d{1,5})?$',
    description:
      'Second port, for gateways with `ROOM_PROXY_PROTOCOL=v2`: every connection must begin with a PROXY header, and ' +
      'come from this machine or TCP_TRUSTED_PROXIES. The room sends each gateway a message once. 0 takes any free ' +
      'port; empty opens none. `npm start` sets it.',
  },
  TCP_TRUSTED_PROXIES: {
    type: 'string',
    default: '',
    format: 'networks',
    description:
      'Addresses and networks of proxies (`10.0.0.7, 192.168.0.0/16, ::1`). Each of their connections must begin with ' +
      'a header of the PROXY protocol, version 1 or 2, which names the client.',
  },
  TCP_PROXY_TIMEOUT_MS: {
    type: 'integer',
    minimum: 1,
    default: 3000,
    formerly: ['TCP_PROXY_TIMEOUT'],
    description:
      'Most milliseconds until the PROXY header is complete. TCP repeats a lost packet after one or two seconds.',
  },
  TCP_PAGE_URL: {
    type: 'string',
    default: '',
    pattern: '^(https?://\\S*)?$',
    description:
      "URL of the page, for a browser that opens the room's port: `https://chat.example.org`, or `http://:8080` for a " +
      'port of the host that the browser asked for. `npm start` sets it.',
  },
  TCP_KEEP_ALIVE_MS: {
    type: 'integer',
    minimum: 1000,
    default: 30_000,
    formerly: ['TCP_KEEP_ALIVE'],
    description:
      'Milliseconds of silence before TCP probes a client, because a laptop that loses its network sends no FIN.',
  },
  TCP_CLOSE_TIMEOUT_MS: {
    type: 'integer',
    minimum: 0,
    default: 2000,
    formerly: ['TCP_CLOSE_TIMEOUT'],
    description:
      'Milliseconds without progress after which a closing connection is cut. All connections together have this ' +
      'time when the server stops.',
  },
} as const satisfies Settings;

/** A variable with this prefix can only be meant for this program. */
export const OWN_PREFIXES = ['TCP_'];

export type Config = Values<typeof settings>;
