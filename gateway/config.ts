/**
 * The gateway's configuration: names, defaults, bounds and the reason for each.
 */
import type { Settings, Values } from '../common/env.ts';

export const settings = {
  HTTP_HOST: { type: 'string', default: '0.0.0.0', description: 'Address to listen on; `::` for IPv6 too' },
  HTTP_PORT: {
    type: 'integer',
    default: 8080,
    minimum: 0,
    maximum: 65535,
    description: 'Port of the page and the WebSocket; 0 takes a free one',
  },
  ROOM_HOST: { type: 'string', default: '127.0.0.1', description: 'Where the TCP room is' },
  ROOM_PORT: { type: 'integer', default: 12345, minimum: 1, maximum: 65535, description: 'Its port' },
  ROOM_FORMAT: {
    type: 'string',
    enum: ['dice', 'plain'],
    default: 'dice',
    description:
      "dice: the room says `IP:PORT dice: ` before words, as the tutorial's; plain: it repeats words as they are, " +
      'and nobody knows whose',
  },
  ROOM_PROXY_PROTOCOL: {
    type: 'string',
    enum: ['off', 'v1', 'v2'],
    default: 'off',
    description:
      "off, v1 or v2: tells the room each browser's own address in a header of the PROXY protocol; " +
      'a server that does not know it takes that for words',
  },
  ROOM_QUIET_MS: {
    type: 'integer',
    default: 60_000,
    minimum: 0,
    description:
      'After this much silence `/readyz` probes the room with a short-lived connection. One more probe, when the ear ' +
      'connects, shows whether the room waits for it. 0: no probes',
  },
  DATA_DIR: { type: 'string', default: './data', description: 'Where the transcript is kept' },
  ALLOWED_ORIGINS: {
    type: 'string',
    default: '',
    format: 'origins',
    description:
      'Origins (`https://chat.example.org`, comma-separated) besides the own host whose pages may connect',
  },
  ALLOWED_HOSTS: {
    type: 'string',
    default: '',
    format: 'hosts',
    description:
      'Names (`chat.example.org`, comma-separated) by which browsers know the gateway, besides those that nobody ' +
      'else can have: its addresses, names without a dot or in `.local`, `.lan` and the like, and the name that ' +
      'the own network gives to this machine. So no page of an attacker can pass for ours',
  },
  ACCESS_CODE: {
    type: 'string',
    default: '',
    maxLength: 200,
    format: 'passphrase',
    writeOnly: true,
    description: 'Passphrase of the room: without it the page opens, but neither words nor history',
  },
  TRUSTED_PROXIES: {
    type: 'string',
    default: '',
    format: 'networks',
    description:
      'Addresses and networks (`10.0.0.7, 172.16.0.0/12`) of proxies whose `X-Forwarded-For` says who comes',
  },
  PUBLIC_URL: {
    type: 'string',
    default: '',
    pattern: '^(https?://[^/?#\\s]+/?)?$',
    description:
      'Where people open the page (`https://chat.example.org`), for the invitation, where the gateway can not know',
  },
  PUBLIC_ROOM: {
    type: 'string',
    default: '',
    pattern: '^(([\\w.-]+|\\[[\\da-fA-F:.]+\\])?:\\d{1,5})?$',
    description: 'The same for terminals: `chat.example.org:12345`, or `:12345` for the host of the page',
  },
  INVITE_LAN: {
    type: 'boolean',
    default: true,
    description:
      'Invite by the addresses of this machine in its networks; those of a container are of no use',
  },
  TLS_CERT: {
    type: 'string',
    default: '',
    description:
      'File with the certificate and its chain (PEM), for https without a proxy; SIGHUP reads it again',
  },
  TLS_KEY: { type: 'string', default: '', description: 'File with its key (PEM)' },
  MAX_SESSIONS: {
    type: 'integer',
    default: 5000,
    minimum: 1,
    formerly: ['MAX_MEMBERS'],
    description: 'Browsers at the same time; each takes a TCP port of this machine towards the room',
  },
  MAX_SESSIONS_PER_ADDRESS: {
    type: 'integer',
    default: 500,
    minimum: 1,
    formerly: ['MAX_MEMBERS_PER_ADDRESS'],
    description: 'The same of one address, which may be a whole school',
  },
  JOIN_RATE: {
    type: 'number',
    default: 500,
    exclusiveMinimum: 0,
    description:
      'WebSockets that may come each second, after MAX_SESSIONS at once: a restart brings all back',
  },
  JOIN_RATE_PER_ADDRESS: {
    type: 'number',
    default: 20,
    exclusiveMinimum: 0,
    description: 'The same of one address, after MAX_SESSIONS_PER_ADDRESS at once: a class comes in together',
  },
  REQUEST_RATE_PER_ADDRESS: {
    type: 'number',
    default: 1000,
    exclusiveMinimum: 0,
    description:
      'Requests to `/api` and `/metrics` that one address may send each second, after REQUEST_BURST_PER_ADDRESS at ' +
      'once: thirty pages that scroll back as fast as they draw send 900. A search counts as 20 or, if it takes longer, by its ms, a download as 100',
  },
  REQUEST_BURST_PER_ADDRESS: {
    type: 'integer',
    default: 10_000,
    minimum: 1,
    description:
      'Requests that one address may send at once: a page that reads 100,000 messages back sends 5,000',
  },
  MAX_DOWNLOADS: {
    type: 'integer',
    default: 100,
    minimum: 1,
    description: 'Downloads of the transcript at the same time: each keeps some 100 KB',
  },
  MAX_DOWNLOADS_PER_ADDRESS: {
    type: 'integer',
    default: 40,
    minimum: 1,
    description: 'Downloads of one address at the same time: a class takes its conversation home',
  },
  MAX_SEARCHES: {
    type: 'integer',
    default: 256,
    minimum: 1,
    description:
      'Searches at the same time: they take turns of some ms, so each one more makes the others slower',
  },
  MAX_SEARCHES_PER_ADDRESS: {
    type: 'integer',
    default: 64,
    minimum: 1,
    description: 'Searches of one address at the same time: a class searches together',
  },
  SEARCH_TIMEOUT_MS: {
    type: 'integer',
    default: 10_000,
    minimum: 100,
    description: 'How long a search may take, turns of others included; alone it takes some ms',
  },
  MAX_PENDING: {
    type: 'integer',
    default: 2000,
    minimum: 1,
    description: 'WebSockets that have not said hello yet',
  },
  MAX_SOCKETS: {
    type: 'integer',
    default: 20_000,
    minimum: 1,
    description: 'TCP connections to the gateway, those that have said nothing yet included: open files',
  },
  MAX_SOCKETS_PER_ADDRESS: {
    type: 'integer',
    default: 2000,
    minimum: 1,
    description: 'The same of one address: each browser has some more while it loads the page',
  },
  REQUEST_TIMEOUT_MS: {
    type: 'integer',
    default: 10_000,
    minimum: 100,
    description: 'How long a request may take to arrive: a phone at the edge of the network takes seconds',
  },
  MAX_TEXT_BYTES: {
    type: 'integer',
    default: 32_000,
    minimum: 1,
    maximum: 1_000_000,
    description: 'Longest text a browser may say, bytes of UTF-8: 8,000 characters of any script',
  },
  MAX_QUEUED_MESSAGES: {
    type: 'integer',
    default: 32,
    minimum: 1,
    maximum: 1000,
    formerly: ['MAX_OPEN_SAYS'],
    description: 'Says a browser may have waiting before the gateway stops reading it',
  },
  MAX_QUEUED_BYTES_PER_SESSION: {
    type: 'integer',
    default: 128 * 1024,
    minimum: 1,
    maximum: 1024 * 1024 * 1024,
    formerly: ['MAX_QUEUED_BYTES_PER_BROWSER'],
    description:
      'Bytes of messages a browser may have waiting before the gateway stops reading it: four of the longest texts',
  },
  MAX_QUEUED_BYTES: {
    type: 'integer',
    default: 64 * 1024 * 1024,
    minimum: 1,
    maximum: 16 * 1024 * 1024 * 1024,
    description:
      'Waiting bytes of all browsers together. Beyond it a browser is read only while none of its own wait; ' +
      'memory may reach twice this',
  },
  MESSAGE_RATE: {
    type: 'number',
    default: 20,
    exclusiveMinimum: 0,
    description:
      'Frames a second that are read of a browser, after MESSAGE_BURST at once; one over 1024 bytes counts as more. ' +
      'What comes faster waits, nothing is lost: faster than anybody types',
  },
  MESSAGE_BURST: {
    type: 'integer',
    default: 200,
    minimum: 1,
    description: 'Frames a browser may send at once: a poem is pasted, a page comes back with what it wrote',
  },
  NOTICE_RATE_BYTES: {
    type: 'number',
    default: 32 * 1024,
    exclusiveMinimum: 0,
    description:
      "Bytes a second of the server's private text that a browser gets, after NOTICE_BURST_BYTES at once; the rest is " +
      'dropped, and the page says so. An echo of MESSAGE_RATE needs 20 KiB',
  },
  NOTICE_BURST_BYTES: {
    type: 'integer',
    default: 256 * 1024,
    minimum: 1,
    description: "Bytes of the server's private text that a browser gets at once: an echo of MESSAGE_BURST",
  },
  LINE_RATE: {
    type: 'number',
    default: 100,
    exclusiveMinimum: 0,
    description:
      'Lines a second of one terminal that become messages of their own, after LINE_BURST at once. Faster ones are ' +
      'gathered into longer messages: nothing is lost, and a flood does not fill the transcript',
  },
  LINE_BURST: {
    type: 'integer',
    default: 2000,
    minimum: 1,
    description: 'Lines of one terminal that become messages of their own at once: a long text is pasted',
  },
  HISTORY_ENTRIES: {
    type: 'integer',
    default: 100,
    minimum: 0,
    maximum: 10_000,
    description:
      'Messages of the past that a newcomer gets at once; the page reads on back from there by itself',
  },
  CATCH_UP_RATE_BYTES_PER_ADDRESS: {
    type: 'number',
    default: 4 * 1024 * 1024,
    exclusiveMinimum: 0,
    description:
      'Bytes a second that the browsers of one address read from disk when they reconnect, after ' +
      'CATCH_UP_BURST_BYTES_PER_ADDRESS at once: a tenth of a core. Beyond it they read on later',
  },
  CATCH_UP_BURST_BYTES_PER_ADDRESS: {
    type: 'integer',
    default: 256 * 1024 * 1024,
    minimum: 1,
    maximum: Number.MAX_SAFE_INTEGER,
    description: 'The same at once: a class of 30 reads 35,000 messages each; what is in memory is free',
  },
  TRANSCRIPT_ENTRIES: {
    type: 'integer',
    default: 1_000_000,
    minimum: 1,
    description:
      'Messages kept on disk; those of the last TRANSCRIPT_RECENT_DAYS are kept beyond this number',
  },
  TRANSCRIPT_RECENT_DAYS: {
    type: 'integer',
    default: 7,
    minimum: 0,
    maximum: 36_500,
    description:
      'Messages younger than this are evicted by TRANSCRIPT_BYTES alone, so that a flood of short lines does not ' +
      'push the week out',
  },
  TRANSCRIPT_BYTES: {
    type: 'integer',
    default: 1024 * 1024 * 1024,
    minimum: 1024 * 1024,
    description:
      'Size of all messages kept on disk; the oldest are evicted, however recent. The file is about twice as large',
  },
  TRANSCRIPT_DAYS: {
    type: 'integer',
    default: 90,
    minimum: 1,
    maximum: 36_500,
    description: 'How long a message is kept, days: a term of school',
  },
  TRANSCRIPT_MEMORY_BYTES: {
    type: 'integer',
    default: 8 * 1024 * 1024,
    minimum: 1024 * 1024,
    maximum: 1024 * 1024 * 1024,
    description: 'Memory for the newest messages, bytes: who reads them does not touch the disk',
  },
  RECEIPT_TIMEOUT_MS: {
    type: 'integer',
    default: 2000,
    minimum: 10,
    description: 'Unheard for so long, a message is called unconfirmed',
  },
  SESSION_RESUME_MS: {
    type: 'integer',
    default: 60_000,
    minimum: 0,
    formerly: ['SESSION_LINGER_MS'],
    description:
      'How long a browser whose connection broke stays in the room: a tunnel, a reboot of the Wi-Fi',
  },
  RELOAD_RESUME_MS: {
    type: 'integer',
    default: 5000,
    minimum: 0,
    formerly: ['RELOAD_LINGER_MS'],
    description: 'The same after a clean close: the time a page takes to reload',
  },
  STALL_TIMEOUT_MS: {
    type: 'integer',
    default: 60_000,
    minimum: 100,
    description:
      'How long a browser may read nothing and answer no ping, or a download not be read, before its connection is closed',
  },
  HELLO_TIMEOUT_MS: {
    type: 'integer',
    default: 10_000,
    minimum: 10,
    description: 'How long a WebSocket may be open before it says hello; a page does at once',
  },
  DIAL_SPACING_MS: {
    type: 'integer',
    default: 5,
    minimum: 0,
    formerly: ['DIAL_GAP_MS'],
    description: 'Pause between two connections to the room, whose queue may be as short as 5',
  },
  LOG_LEVEL: {
    type: 'string',
    enum: ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'],
    default: 'info',
    description: 'silent, fatal, error, warn, info, debug or trace',
  },
} as const satisfies Settings;

/** Of variables that can only be meant for this program: `HTTP_PROXY` and `MAX_MEM` are others'. */
export const OWN_PREFIXES = ['ROOM_', 'TRANSCRIPT_'];

export type Config = Values<typeof settings>;
