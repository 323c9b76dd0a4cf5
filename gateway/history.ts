/**
 * The transcript over HTTP: pages of it, search, and all of it as a file.
 *
 *     GET /api/messages?before=SEQ&after=SEQ&limit=N&q=WORDS  ->  { epoch, head, tail, messages: Entry[], more }
 *     GET /api/transcript?format=text|jsonl                   ->  a file
 */
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Concurrency } from './concurrency-limit.ts';
import { ConcurrencyLimit } from './concurrency-limit.ts';
import type { PeerOf } from './peer.ts';
import { TimeSlices } from './time-slices.ts';
import type { Transcript } from './transcript.ts';
import { asJsonLines, asText } from './transcript-file.ts';

/** Entries of one answer: more than a screen shows, little enough to encode in some ms. */
const MAX_LIMIT = 500;
const DEFAULT_LIMIT = 100;

/** Longest search, characters. */
const MAX_SEARCH = 200;

/** What the gateway has to do for these, with 100,000 messages, in pages of the log. */
const SEARCH_COST = 20;
const FILE_COST = 100;

/** When a client that finds too many downloads at once should try again, s. */
const RETRY_AFTER_S = 5;

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

declare module 'fastify' {
  interface FastifyContextConfig {
    /** How many ordinary requests a request of this route counts as; 1 if it is not given. */
    cost?: (query: Record<string, unknown>) => number;
  }
}

export interface HistoryOptions {
  peerOf: PeerOf;
  /** Downloads of the transcript at the same time. */
  downloads: Concurrency;
  /** How long a download may send nothing because its client does not read, ms. */
  stallTimeoutMs: number;
}

export function serveHistory(app: FastifyInstance, transcript: Transcript, options: HistoryOptions): void {
  const { peerOf, stallTimeoutMs } = options;
  const downloads = new ConcurrencyLimit(options.downloads);
  const slices = new TimeSlices();
  app.get<{ Querystring: MessagesQuery }>(
    '/api/messages',
    {
      schema: { querystring: messagesQuery },
      exposeHeadRoute: false,
      config: { cost: ({ q }) => (q === undefined ? 1 : SEARCH_COST) },
    },
    async ({ query }, reply) => {
      describeJson(reply);
      return messages(transcript, query);
    },
  );
  app.head('/api/messages', async (_request, reply) => describeJson(reply).send());
  const transcriptSchema = { schema: { querystring: transcriptQuery }, exposeHeadRoute: false };
  app.get<{ Querystring: TranscriptQuery }>(
    '/api/transcript',
    { ...transcriptSchema, config: { cost: () => FILE_COST } },
    async (request, reply) => {
      const end = downloads.start(peerOf(request.raw).ip);
      if (!end) return tooMany(reply, 'downloads');
      reply.raw.once('close', end);
      reply.raw.setTimeout(stallTimeoutMs, () => reply.raw.destroy());
      describeFile(request, reply);
      return Readable.from(FILES[request.query.format].write(transcript, slices));
    },
  );
  app.head<{ Querystring: TranscriptQuery }>('/api/transcript', transcriptSchema, async (request, reply) =>
    describeFile(request, reply).send(),
  );
}

function describeJson(reply: FastifyReply): FastifyReply {
  return reply.header('cache-control', 'no-store').type('application/json; charset=utf-8');
}

const FILES = {
  text: { extension: 'txt', type: 'text/plain; charset=utf-8', write: asText },
  jsonl: { extension: 'jsonl', type: 'application/jsonl; charset=utf-8', write: asJsonLines },
};

function describeFile(
  { query: { format } }: FastifyRequest<{ Querystring: TranscriptQuery }>,
  reply: FastifyReply,
): FastifyReply {
  const { extension, type } = FILES[format];
  return reply
    .header('cache-control', 'no-store')
    .header('content-disposition', `attachment; filename="tertulia.${extension}"`)
    .type(type);
}

function tooMany(reply: FastifyReply, what: string): FastifyReply {
  return reply
    .code(429)
    .header('retry-after', RETRY_AFTER_S)
    .send({ message: `too many ${what} at the same time, come back later` });
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
