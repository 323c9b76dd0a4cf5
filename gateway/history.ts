/**
 * The transcript over HTTP: pages of it, search, and all of it as a file.
 *
 *     GET /api/messages?before=SEQ&after=SEQ&limit=N&q=WORDS  ->  { epoch, head, tail, messages: Entry[], more }
 *     GET /api/transcript?format=text|jsonl                   ->  a file
 */
import { Readable } from 'node:stream';
import { setImmediate as breathe } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { header } from '../tcp-server/wire.ts';
import type { Entry } from './protocol.ts';
import type { Transcript } from './transcript.ts';
import { asOneLine } from './words.ts';

/** Entries of one answer: more than a screen shows, little enough to encode in some ms. */
const MAX_LIMIT = 500;
const DEFAULT_LIMIT = 100;

/** Longest search, characters. */
const MAX_SEARCH = 200;

/** What the gateway has to do for these, with 100,000 messages, in pages of the log. */
const SEARCH_COST = 20;
const FILE_COST = 100;

/** Entries of the file read at a time; between two reads others have their turn. */
const FILE_STEP = 500;

const seq = { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER };

interface MessagesQuery {
  before?: number;
  after?: number;
  limit: number;
  q?: string;
}

const messagesQuery = {
  type: 'object',
  properties: {
    before: seq,
    after: seq,
    limit: { type: 'integer', minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT },
    q: { type: 'string', minLength: 1, maxLength: MAX_SEARCH },
  },
};

interface TranscriptQuery {
  format: keyof typeof FILES;
}

const transcriptQuery = {
  type: 'object',
  properties: { format: { type: 'string', enum: ['text', 'jsonl'], default: 'text' } },
};

export function serveHistory(app: FastifyInstance, transcript: Transcript): void {
  app.get<{ Querystring: MessagesQuery }>(
    '/api/messages',
    {
      schema: { querystring: messagesQuery },
      config: { cost: ({ q }) => (q === undefined ? 1 : SEARCH_COST) },
    },
    async ({ query }, reply) => {
      reply.header('cache-control', 'no-store').type('application/json; charset=utf-8');
      return messages(transcript, query);
    },
  );
  app.get<{ Querystring: TranscriptQuery }>(
    '/api/transcript',
    { schema: { querystring: transcriptQuery }, config: { cost: () => FILE_COST } },
    async ({ query: { format } }, reply) => {
      const [extension, type, line] = FILES[format];
      reply
        .header('cache-control', 'no-store')
        .header('content-disposition', `attachment; filename="tertulia.${extension}"`)
        .type(type);
      return Readable.from(lines(transcript, line));
    },
  );
}

/** The entries are JSON already: they are put together, not parsed. */
function messages(transcript: Transcript, { before, after, limit, q }: MessagesQuery): string {
  const found = transcript.find({
    limit: limit + 1,
    ...(before !== undefined && { before }),
    ...(after !== undefined && { after }),
    ...(q !== undefined && { words: q }),
  });
  const more = found.length > limit;
  // One too many was asked for: it is the farthest from where the answer begins.
  if (more && after !== undefined && q === undefined) found.pop();
  else if (more) found.shift();
  const { epoch, head, tail } = transcript;
  const rest = JSON.stringify({ epoch, head, tail, more });
  return `${rest.slice(0, -1)},"messages":[${found.join(',')}]}`;
}

type Line = (json: string) => string;

const FILES: Record<'text' | 'jsonl', [extension: string, type: string, line: Line]> = {
  text: ['txt', 'text/plain; charset=utf-8', (json) => asText(JSON.parse(json) as Entry)],
  jsonl: ['jsonl', 'application/jsonl; charset=utf-8', (json) => `${json}\n`],
};

/** Somebody will look at the file in a terminal. */
function asText({ at, from, text, gap }: Entry): string {
  if (gap) return `${isoTime(gap.since)} -- ${isoTime(gap.until)} --\n`;
  return text
    .split('\n')
    .map((line) => `${isoTime(at)} ${from === '' ? '' : header(from)}${asOneLine(line)}\n`)
    .join('');
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

/** Up to where the log is now: a file has an end. */
async function* lines(transcript: Transcript, line: Line): AsyncGenerator<string> {
  const end = transcript.head + 1;
  for (let after = 0; ; ) {
    const step = transcript.find({ after, before: end, limit: FILE_STEP });
    if (step.length === 0) return;
    yield step.map(line).join('');
    after = (JSON.parse(step.at(-1) ?? '') as Entry).seq;
    await breathe();
  }
}
