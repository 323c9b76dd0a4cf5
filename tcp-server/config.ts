/**
 * What can be set on the room server, by environment variables.
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
    description: 'Port to listen on. 0 takes any free one; the first line of the log tells which.',
  },
  TCP_MODE: {
    type: 'string',
    enum: ['broadcast', 'echo', 'ack'],
    default: 'broadcast',
    description: "What happens to a client's words: repeated to the others, sent back, or acknowledged.",
  },
  TCP_MAX_CLIENTS: {
    type: 'integer',
    minimum: 1,
    default: 10_000,
    description: 'Clients in the room at once. Keeps memory and open files bounded; one more is told so.',
  },
  TCP_MAX_CLIENTS_PER_ADDRESS: {
    type: 'integer',
    minimum: 1,
    default: 6000,
    description:
      'The same of one IP address, so that it can not take the whole room. All browsers of a gateway have its ' +
      'address, unless it tells theirs.',
  },
  TCP_MAX_MESSAGE_BYTES: {
    type: 'integer',
    minimum: 4,
    default: WIRE_MAX_BYTES,
    formerly: ['TCP_MAX_MESSAGE'],
    description:
      "Bytes of a line under one header; a longer one becomes several. The tutorial's `recv(1024)`. " +
      'At least 4, the longest UTF-8 character.',
  },
  TCP_MAX_BACKLOG_BYTES: {
    type: 'integer',
    minimum: 0,
    default: 1024 * 1024,
    formerly: ['TCP_MAX_BACKLOG'],
    description:
      'Bytes waiting in the server for one client, beyond what the system already holds for it. A client with more ' +
      'waiting does not read, and is dropped for the sake of the rest. All clients share one copy of what waits.',
  },
  TCP_SLOW_READER_MS: {
    type: 'integer',
    minimum: 0,
    default: 2000,
    description:
      'Milliseconds that floods wait for a client with more than half of TCP_MAX_BACKLOG_BYTES waiting. A client that reads ' +
      'is not dropped because of a flood, and one that does not read slows down no flood for longer.',
  },
  TCP_MAX_RATE_BYTES: {
    type: 'integer',
    minimum: 1,
    default: 1024 * 1024,
    formerly: ['TCP_MAX_RATE'],
    description:
      'Bytes per second, headers included, that one client can make the room send to each of the others, ' +
      'after a first second at once. Faster words are read later, none is lost: a flood must not ' +
      'push those who read at the speed of a home network over TCP_MAX_BACKLOG_BYTES.',
  },
  TCP_KEY_WAIT_MS: {
    type: 'integer',
    minimum: 0,
    maximum: 5000,
    default: 300,
    description:
      'Milliseconds that a single character without a line end waits for the next one: telnet for Windows sends each ' +
      'key by itself, and its line is gathered. 0 gathers nothing.',
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
      'Addresses and networks (`10.0.0.7, 192.168.0.0/16, ::1`) from which every connection must begin with a ' +
      'header of the PROXY protocol, version 1 or 2, and is of whom it names.',
  },
  TCP_PROXY_TIMEOUT_MS: {
    type: 'integer',
    minimum: 1,
    default: 3000,
    formerly: ['TCP_PROXY_TIMEOUT'],
    description:
      'Milliseconds that such a header may take: a lost packet is sent again after one or two seconds.',
  },
  TCP_PAGE_URL: {
    type: 'string',
    default: '',
    pattern: '^(https?://\\S*)?$',
    description:
      "Where the page is, for a browser that opens the room's port: `https://chat.example.org`, or `http://:8080` for " +
      'a port of the host that it asked for. `npm start` sets it.',
  },
  TCP_KEEP_ALIVE_MS: {
    type: 'integer',
    minimum: 1000,
    default: 30_000,
    formerly: ['TCP_KEEP_ALIVE'],
    description: 'Milliseconds of silence before a client is probed: a laptop that vanished says no goodbye.',
  },
  TCP_CLOSE_TIMEOUT_MS: {
    type: 'integer',
    minimum: 0,
    default: 2000,
    formerly: ['TCP_CLOSE_TIMEOUT'],
    description:
      'Milliseconds that a closing connection may stand still before it is cut, and that all of them ' +
      'have when the server stops.',
  },
} as const satisfies Settings;

/** Of variables that can only be meant for this program. */
export const OWN_PREFIXES = ['TCP_'];

export type Config = Values<typeof settings>;
