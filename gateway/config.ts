/**
 * Settings of the gateway: names, defaults, bounds and descriptions.
 */
import type { Settings, Values } from '../common/env.ts';
import { TITLE_MAX } from './protocol.ts';
import { CHARSETS } from './upstream/formats/charset.ts';
import { FRAMING_PATTERN } from './upstream/formats/framing.ts';

export const settings = {
  HTTP_HOST: {
    type: 'string',
    default: '0.0.0.0',
    description: 'Address to listen on. `::` listens on IPv6 too.',
  },
  HTTP_PORT: {
    type: 'integer',
    default: 8080,
    minimum: 0,
    maximum: 65535,
    description: 'Port of the page and the WebSocket. 0 takes a free port.',
  },
  ROOM_HOST: { type: 'string', default: '127.0.0.1', description: 'Host of the TCP room.' },
  ROOM_PORT: {
    type: 'integer',
    default: 12345,
    minimum: 1,
    maximum: 65535,
    description: 'Port of the TCP room.',
  },
  ROOM_FORMAT: {
    type: 'string',
    default: 'dice',
    description:
      "dice: the room puts `IP:PORT dice: ` before each message, as the tutorial's server does. plain: the room " +
      'repeats messages unchanged. Otherwise the name of a server in docs/servers.md, or a template of a line: ' +
      '`<{name}> {text}`.',
  },
  ROOM_LOGIN: {
    type: 'string',
    default: '',
    writeOnly: true,
    description:
      'What each connection says first, for example `{name}\\n`. Each line waits for an answer of the room. The page ' +
      'asks for a name if this contains one.',
  },
  ROOM_SAY: {
    type: 'string',
    default: '',
    description: 'What a message is sent as, its end included, if not as `{text}\\n`.',
  },
  ROOM_BYE: {
    type: 'string',
    default: '',
    description:
      'Text that each connection sends before it leaves. `reset` cuts the connection instead, for servers that notice ' +
      'nothing else.',
  },
  ROOM_NAME: {
    type: 'string',
    default: 'tertulia',
    minLength: 1,
    maxLength: 24,
    description: "Name of the gateway's own connection in a room with logins.",
  },
  ROOM_FRAMING: {
    type: 'string',
    default: 'lines',
    pattern: FRAMING_PATTERN,
    description:
      'How texts are separated: `lines`; `utf`, the `writeUTF` of Java; `digits:4`, a decimal length of four digits ' +
      'before each; `fixed:1024`, texts of this many bytes.',
  },
  ROOM_CHARSET: {
    type: 'string',
    enum: CHARSETS,
    default: 'utf-8',
    description:
      'utf-8, latin1 or ascii: characters that the room can hold. Others are sent without their accents, or as `?`.',
  },
  ROOM_PROXY_PROTOCOL: {
    type: 'string',
    enum: ['off', 'v1', 'v2'],
    default: 'off',
    description:
      "off, v1 or v2: sends each browser's address to the room in a PROXY protocol header. A server without " +
      'that protocol takes the header for a message.',
  },
  ROOM_QUIET_MS: {
    type: 'integer',
    default: 60_000,
    minimum: 0,
    description:
      'After this much silence (ms) `/readyz` probes the room with a short-lived connection. Another probe, ' +
      'when the ear connects, detects a room that waits for input from the ear. 0 disables both.',
  },
  DATA_DIR: { type: 'string', default: './data', description: 'Directory of the transcript.' },
  ALLOWED_ORIGINS: {
    type: 'string',
    default: '',
    format: 'origins',
    description:
      "Additional origins whose pages may connect, comma-separated (`https://chat.example.org`). The gateway's " +
      'own origin is always allowed.',
  },
  ALLOWED_HOSTS: {
    type: 'string',
    default: '',
    format: 'hosts',
    description:
      'Additional host names of the gateway, comma-separated (`chat.example.org`). IP addresses, names without ' +
      "a dot, in `.local`, `.lan` or similar, and the machine's network names are always allowed. The check " +
      'prevents DNS rebinding.',
  },
  ACCESS_CODE: {
    type: 'string',
    default: '',
    maxLength: 200,
    format: 'passphrase',
    writeOnly: true,
    description: 'Passphrase of the room. Without the passphrase the page opens, but shows no messages.',
  },
  HOST_CODE: {
    type: 'string',
    default: '',
    maxLength: 200,
    format: 'passphrase',
    writeOnly: true,
    description:
      'Passphrase of the hosts, who can hide messages, silence or pause browsers, pin a line and set the title. ' +
      'It opens the room too, and differs from ACCESS_CODE. Empty: the room has no hosts.',
  },
  LAB: {
    type: 'boolean',
    default: false,
    description:
      'Gives hosts a raw TCP connection into the room, to try what TCP and the room do with bytes, resets and a ' +
      'client that does not read. Some experiments stop a server such as the one of the tutorial. Needs HOST_CODE.',
  },
  ROOM_TITLE: {
    type: 'string',
    default: '',
    maxLength: TITLE_MAX,
    pattern: '^\\P{Cc}*$',
    description:
      'Title of the room on the page, in its tab and on the projector, until a host sets another. At most 60 ' +
      'characters.',
  },
  TRUSTED_PROXIES: {
    type: 'string',
    default: '',
    format: 'networks',
    description:
      'Addresses and networks of proxies whose `X-Forwarded-For` is trusted, comma-separated (`10.0.0.7, ' +
      '172.16.0.0/12`).',
  },
  PUBLIC_URL: {
    type: 'string',
    default: '',
    pattern: '^(https?://[^/?#\\s]+/?)?$',
    description:
      'Public URL of the page for invitations (`https://chat.example.org`), where the gateway cannot know its ' +
      'own.',
  },
  PUBLIC_ROOM: {
    type: 'string',
    default: '',
    pattern: '^(([\\w.-]+|\\[[\\da-fA-F:.]+\\])?:\\d{1,5})?$',
    description:
      "Public address of the room for terminals: `chat.example.org:12345`, or `:12345` on the page's host.",
  },
  INVITE_LAN: {
    type: 'boolean',
    default: true,
    description:
      "Offers the machine's network addresses in invitations. Turn it off in a container, whose addresses are " +
      'unreachable.',
  },
  TLS_CERT: {
    type: 'string',
    default: '',
    description:
      'File with the certificate and its chain (PEM), for https without a proxy. SIGHUP reloads the file.',
  },
  TLS_KEY: { type: 'string', default: '', description: 'File with the private key of TLS_CERT (PEM).' },
  MAX_SESSIONS: {
    type: 'integer',
    default: 5000,
    minimum: 1,
    formerly: ['MAX_MEMBERS'],
    description:
      'Sessions at the same time. Each needs a TCP port of this machine for its connection to the room.',
  },
  MAX_SESSIONS_PER_ADDRESS: {
    type: 'integer',
    default: 500,
    minimum: 1,
    formerly: ['MAX_MEMBERS_PER_ADDRESS'],
    description: 'WebSockets from one address at the same time. A whole school may share an address.',
  },
  JOIN_RATE: {
    type: 'number',
    default: 500,
    exclusiveMinimum: 0,
    description: 'New WebSockets per second (burst: MAX_SESSIONS). After a restart all browsers reconnect.',
  },
  JOIN_RATE_PER_ADDRESS: {
    type: 'number',
    default: 20,
    exclusiveMinimum: 0,
    description: 'New WebSockets per second from one address (burst: MAX_SESSIONS_PER_ADDRESS).',
  },
  REQUEST_RATE_PER_ADDRESS: {
    type: 'number',
    default: 1000,
    exclusiveMinimum: 0,
    description:
      'Requests to `/api` and `/metrics` per second from one address (burst: REQUEST_BURST_PER_ADDRESS). A ' +
      'download counts as 100. A search counts as 20, or as its milliseconds if that is more. Thirty pages ' +
      'that scroll back at full speed send 900.',
  },
  REQUEST_BURST_PER_ADDRESS: {
    type: 'integer',
    default: 10_000,
    minimum: 1,
    description:
      'Requests that one address may send at once. A page that loads 100,000 older messages sends 5,000.',
  },
  MAX_DOWNLOADS: {
    type: 'integer',
    default: 100,
    minimum: 1,
    description: 'Downloads of the transcript at the same time. Each takes about 100 KB of memory.',
  },
  MAX_DOWNLOADS_PER_ADDRESS: {
    type: 'integer',
    default: 40,
    minimum: 1,
    description: 'Downloads from one address at the same time, enough for a class.',
  },
  DOWNLOAD_MIN_RATE_BYTES: {
    type: 'number',
    default: 1024,
    minimum: 0,
    description:
      'Bytes per second that the client of a download must read on average, in each STALL_TIMEOUT_MS. Slower ' +
      'downloads are closed. Phones with the weakest signal read ten times as much. 0 allows any rate.',
  },
  MAX_SEARCHES: {
    type: 'integer',
    default: 256,
    minimum: 1,
    description:
      'Searches at the same time. Searches share the processor in slices, so each slows down the others.',
  },
  MAX_SEARCHES_PER_ADDRESS: {
    type: 'integer',
    default: 64,
    minimum: 1,
    description: 'Searches from one address at the same time, enough for two classes.',
  },
  SEARCH_TIMEOUT_MS: {
    type: 'integer',
    default: 10_000,
    minimum: 100,
    description:
      'Longest duration of a search (ms), including the slices of other searches. One alone takes a few ms.',
  },
  MAX_PENDING: {
    type: 'integer',
    default: 2000,
    minimum: 1,
    description: 'WebSockets that have not sent `hello` yet.',
  },
  MAX_SOCKETS: {
    type: 'integer',
    default: 20_000,
    minimum: 1,
    description: 'TCP connections to the gateway, including idle ones. Each needs a file descriptor.',
  },
  MAX_SOCKETS_PER_ADDRESS: {
    type: 'integer',
    default: 2000,
    minimum: 1,
    description: 'TCP connections from one address. A browser opens several more while it loads the page.',
  },
  REQUEST_TIMEOUT_MS: {
    type: 'integer',
    default: 10_000,
    minimum: 100,
    description: 'Longest time for a request to arrive (ms). A phone with a weak signal needs seconds.',
  },
  MAX_TEXT_BYTES: {
    type: 'integer',
    default: 32_000,
    minimum: 1,
    maximum: 1_000_000,
    description:
      'Longest text of a message (bytes of UTF-8). 32,000 bytes hold 8,000 characters of any script.',
  },
  MAX_QUEUED_MESSAGES: {
    type: 'integer',
    default: 32,
    minimum: 1,
    maximum: 1000,
    formerly: ['MAX_OPEN_SAYS'],
    description: 'Queued messages of one session. Beyond this the gateway pauses reading from its browser.',
  },
  MAX_QUEUED_BYTES_PER_SESSION: {
    type: 'integer',
    default: 128 * 1024,
    minimum: 1,
    maximum: 1024 * 1024 * 1024,
    formerly: ['MAX_QUEUED_BYTES_PER_BROWSER'],
    description:
      'Queued text of one session (bytes). Beyond this the gateway pauses reading from its browser.',
  },
  MAX_QUEUED_BYTES: {
    type: 'integer',
    default: 64 * 1024 * 1024,
    minimum: 1,
    maximum: 16 * 1024 * 1024 * 1024,
    description:
      'Queued text of all sessions together (bytes). Beyond this a browser is read only while its own queue is ' +
      'empty. Memory use may reach twice this.',
  },
  MESSAGE_RATE: {
    type: 'number',
    default: 20,
    exclusiveMinimum: 0,
    description:
      'Frames per second read from one browser (burst: MESSAGE_BURST). A frame over 1024 bytes counts as ' +
      'several. Faster frames wait and are not lost.',
  },
  MESSAGE_BURST: {
    type: 'integer',
    default: 200,
    minimum: 1,
    description: 'Frames that one browser may send at once, for example a pasted poem.',
  },
  NOTICE_RATE_BYTES: {
    type: 'number',
    default: 32 * 1024,
    exclusiveMinimum: 0,
    description:
      'Private text of the room server to one browser (bytes per second; burst: NOTICE_BURST_BYTES). The rest ' +
      'is dropped and the page reports it. An echo of MESSAGE_RATE needs 20 KiB.',
  },
  NOTICE_BURST_BYTES: {
    type: 'integer',
    default: 256 * 1024,
    minimum: 1,
    description:
      'Private text of the room server that one browser gets at once (bytes), for an echo of MESSAGE_BURST.',
  },
  LINE_RATE: {
    type: 'number',
    default: 100,
    exclusiveMinimum: 0,
    description:
      'Lines per second of one terminal that become separate messages (burst: LINE_BURST). Faster lines are ' +
      'combined into longer messages and are not lost.',
  },
  LINE_BURST: {
    type: 'integer',
    default: 10_000,
    minimum: 1,
    description:
      'Lines of one terminal that become separate messages at once, for example a long pasted text. The default ' +
      'is 1 % of TRANSCRIPT_ENTRIES.',
  },
  HISTORY_ENTRIES: {
    type: 'integer',
    default: 100,
    minimum: 0,
    maximum: 10_000,
    description: 'Past messages sent to a new browser. The page loads older ones by itself.',
  },
  CATCH_UP_RATE_BYTES_PER_ADDRESS: {
    type: 'number',
    default: 4 * 1024 * 1024,
    exclusiveMinimum: 0,
    description:
      'Bytes per second that reconnecting browsers of one address read from disk (burst: ' +
      'CATCH_UP_BURST_BYTES_PER_ADDRESS). The default takes a tenth of a core. Beyond it the browsers wait.',
  },
  CATCH_UP_BURST_BYTES_PER_ADDRESS: {
    type: 'integer',
    default: 256 * 1024 * 1024,
    minimum: 1,
    maximum: Number.MAX_SAFE_INTEGER,
    description:
      'Bytes that reconnecting browsers of one address read from disk at once: 35,000 messages for each of 30. ' +
      'Messages in memory do not count.',
  },
  TRANSCRIPT_ENTRIES: {
    type: 'integer',
    default: 1_000_000,
    minimum: 1,
    description:
      'Messages kept on disk. Messages of the last TRANSCRIPT_RECENT_DAYS are kept beyond this number.',
  },
  TRANSCRIPT_RECENT_DAYS: {
    type: 'integer',
    default: 7,
    minimum: 0,
    maximum: 36_500,
    description:
      'Days in which only TRANSCRIPT_BYTES evicts a message. So a flood of short lines cannot evict the last ' +
      'week.',
  },
  TRANSCRIPT_BYTES: {
    type: 'integer',
    default: 1024 * 1024 * 1024,
    minimum: 1024 * 1024,
    description:
      'Size of all messages on disk (bytes). Beyond this the oldest are evicted. The file is about twice as ' +
      'large.',
  },
  TRANSCRIPT_DAYS: {
    type: 'integer',
    default: 90,
    minimum: 1,
    maximum: 36_500,
    description: 'Days that a message is kept. The default is a school term.',
  },
  TRANSCRIPT_MEMORY_BYTES: {
    type: 'integer',
    default: 8 * 1024 * 1024,
    minimum: 1024 * 1024,
    maximum: 1024 * 1024 * 1024,
    description: 'Memory for the newest messages (bytes), which are read without the disk.',
  },
  RECEIPT_TIMEOUT_MS: {
    type: 'integer',
    default: 2000,
    minimum: 10,
    description: 'Time to wait for the echo of a message before it is reported as unconfirmed (ms).',
  },
  SESSION_RESUME_MS: {
    type: 'integer',
    default: 60_000,
    minimum: 0,
    formerly: ['SESSION_LINGER_MS'],
    description:
      'Time in which a browser can resume its session after a broken connection (ms), for example in a tunnel.',
  },
  RELOAD_RESUME_MS: {
    type: 'integer',
    default: 5000,
    minimum: 0,
    formerly: ['RELOAD_LINGER_MS'],
    description: 'Time in which a browser can resume its session after a clean close (ms), for a reload.',
  },
  STALL_TIMEOUT_MS: {
    type: 'integer',
    default: 60_000,
    minimum: 100,
    description:
      'A connection is closed after this time without a read or an answer to a ping (ms). The limit includes ' +
      'downloads.',
  },
  HELLO_TIMEOUT_MS: {
    type: 'integer',
    default: 10_000,
    minimum: 10,
    description: 'Time in which a WebSocket must send `hello` (ms). The page does so at once.',
  },
  DIAL_SPACING_MS: {
    type: 'integer',
    default: 5,
    minimum: 0,
    formerly: ['DIAL_GAP_MS'],
    description:
      'Pause between two connections to the room (ms). The accept queue of a room may be as short as 5.',
  },
  CLUSTER: {
    type: 'string',
    default: '',
    pattern: '^(((nats|tls)://)?[\\w.-]+(:\\d{1,5})?(, ?((nats|tls)://)?[\\w.-]+(:\\d{1,5})?)*)?$',
    description:
      'Servers of NATS with JetStream, comma-separated (`nats://10.0.0.1,10.0.0.2,10.0.0.3`). All gateways with the ' +
      'same servers and CLUSTER_NAME share one transcript of one room. Empty: the gateway is alone.',
  },
  CLUSTER_NAME: {
    type: 'string',
    default: 'tertulia',
    pattern: '^[\\w-]{1,64}$',
    description: 'Name of the cluster, for several clusters on the same NATS servers.',
  },
  CLUSTER_TOKEN: { type: 'string', default: '', writeOnly: true, description: 'Token that NATS asks for.' },
  CLUSTER_CREDENTIALS: {
    type: 'string',
    default: '',
    description: 'File with the credentials of a NATS user, as `nsc` writes it.',
  },
  CLUSTER_CA: {
    type: 'string',
    default: '',
    description:
      "File with the certificate of the authority that signed the NATS servers' certificates (PEM). With it, or with " +
      '`tls://`, connections to NATS are encrypted.',
  },
  CLUSTER_ALLOW_OLD: {
    type: 'boolean',
    default: false,
    description: 'Accepts NATS servers before 2.10.23, which can lose the transcript. For tests.',
  },
  LOG_LEVEL: {
    type: 'string',
    enum: ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'],
    default: 'info',
    description: 'silent, fatal, error, warn, info, debug or trace.',
  },
} as const satisfies Settings;

/** Prefixes of variables for this program alone. `HTTP_PROXY` and `MAX_MEM` belong to other programs. */
export const OWN_PREFIXES = ['ROOM_', 'TRANSCRIPT_'];

export type Config = Values<typeof settings>;
