/**
 * Serves the transcript over HTTP: pages, search results, and a file.
 *
 *     GET /api/messages?before=SEQ&after=SEQ&limit=N          ->  { epoch, head, tail, messages: Entry[], more }
 *     GET /api/messages?q=WORDS&before=SEQ&after=SEQ&limit=N  ->  complete messages, and isComplete
 *     GET /api/transcript?format=text|jsonl                   ->  a file
 */
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ClientAddressReader } from '../../lib/client-address.ts';
import { TimeSlices } from '../../lib/time-slices.ts';
import type { Concurrency } from '../../limits/concurrency-limit.ts';
import { ConcurrencyLimit } from '../../limits/concurrency-limit.ts';
import { MinimumRate } from '../../limits/minimum-rate.ts';
import type { Audience } from '../../transcript/hidden-messages.ts';
import type { TranscriptQuery as LogQuery, SearchResult, Transcript } from '../../transcript/transcript.ts';
import { asJsonLines, asText } from './transcript-file.ts';

/** Entries in one answer: more than a screen shows, and encoded within some ms. */
const MAX_LIMIT = 500;
const DEFAULT_LIMIT = 100;

/** Longest search, characters. */
const MAX_SEARCH = 200;

/** Costs in ordinary requests. A longer search pays the rest afterwards. */
const SEARCH_COST = 20;
const FILE_COST = 100;

/** Seconds after which a client should retry a refused search or download. */
const RETRY_AFTER_S = 5;

/** Whether the answer holds hidden messages, which only hosts may read. A host's projector does not ask for them. */
const hidden = { type: 'boolean', default: false };

const seq = { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER };

interface MessagesQuery {
  before?: number;
  after?: number;
  limit: number;
  q?: string;
  hidden: boolean;
}

const messagesQuery = {
  type: 'object',
  properties: {
    before: seq,
    after: seq,
    limit: { type: 'integer', minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT },
    q: { type: 'string', minLength: 1, maxLength: MAX_SEARCH },
    hidden,
  },
};

interface TranscriptQuery {
  format: keyof typeof FILES;
  hidden: boolean;
}

const transcriptQuery = {
  type: 'object',
  properties: { format: { type: 'string', enum: ['text', 'jsonl'], default: 'text' }, hidden },
};

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Returns how many ordinary requests a request of this route counts as. The default is 1. */
    cost?: (query: Record<string, unknown>) => number;
  }
}

export interface HistoryOptions {
  clientAddressOf: ClientAddressReader;
  /** Downloads at the same time. */
  downloads: Concurrency;
  /** How long a download may send nothing because its client does not read. */
  stallTimeoutMs: number;
  /** Bytes per second that the client of a download must read on average, in each time of `stallTimeoutMs`. */
  downloadMinRate: number;
  /** Searches at the same time, including those that wait for a time slice. */
  searches: Concurrency;
  /** Longest duration of a search. */
  searchTimeoutMs: number;
  /** Charges an address for work that cost more than its price. */
  charge: (ip: string, requests: number) => void;
  /** Counts the acts of the hosts. */
  revision: () => number;
}

export function historyRoutes(app: FastifyInstance, transcript: Transcript, options: HistoryOptions): void {
  const { clientAddressOf } = options;
  const searches = new ConcurrencyLimit(options.searches);
  const downloads = new ConcurrencyLimit(options.downloads);
  const slices = new TimeSlices();
  const send = (reply: FastifyReply, found: Pick<SearchResult, 'messages' | 'more'>) =>
    describeJson(reply).send(answer(transcript, { revision: options.revision(), ...found }));
  app.get<{ Querystring: MessagesQuery }>(
    '/api/messages',
    {
      schema: { querystring: messagesQuery },
      exposeHeadRoute: false,
      config: { cost: ({ q }) => (q === undefined ? 1 : SEARCH_COST) },
    },
    async (request, reply) => {
      const { raw, query } = request;
      if (isForHostsOnly(request)) return refuseHidden(reply);
      const { before, after, limit } = query;
      const range = { ...(before !== undefined && { before }), ...(after !== undefined && { after }), limit };
      const ranged = { ...range, audience: audienceOf(query) };
      if (query.q === undefined) return send(reply, page(transcript, ranged));
      const { ip } = clientAddressOf(raw);
      const end = searches.start(ip);
      if (!end) return tooMany(reply, 'searches');
      const work = new SearchWork(slices, reply.raw, options.searchTimeoutMs);
      try {
        return send(reply, await transcript.search(query.q, ranged, () => work.next()));
      } catch (error) {
        if (error instanceof SearchEnded) return reply.code(503).send({ message: error.message });
        throw error;
      } finally {
        end();
        options.charge(ip, Math.max(0, Math.round(work.ms) - SEARCH_COST));
      }
    },
  );
  app.head('/api/messages', async (_request, reply) => describeJson(reply).send());
  const transcriptSchema = { schema: { querystring: transcriptQuery }, exposeHeadRoute: false };
  app.get<{ Querystring: TranscriptQuery }>(
    '/api/transcript',
    { ...transcriptSchema, config: { cost: () => FILE_COST } },
    async (request, reply) => {
      if (isForHostsOnly(request)) return refuseHidden(reply);
      const end = downloads.start(clientAddressOf(request.raw).ip);
      if (!end) return tooMany(reply, 'downloads');
      reply.raw.once('close', end);
      closeIfSlow(reply.raw, options);
      describeFile(request, reply);
      return Readable.from(FILES[request.query.format].write(transcript, slices, audienceOf(request.query)));
    },
  );
  app.head<{ Querystring: TranscriptQuery }>('/api/transcript', transcriptSchema, async (request, reply) =>
    describeFile(request, reply).send(),
  );
}

function describeJson(reply: FastifyReply): FastifyReply {
  return reply.header('cache-control', 'no-store').type('application/json; charset=utf-8');
}

function closeIfSlow(
  response: ServerResponse,
  { stallTimeoutMs, downloadMinRate }: Pick<HistoryOptions, 'stallTimeoutMs' | 'downloadMinRate'>,
): void {
  response.setTimeout(stallTimeoutMs, () => response.destroy());
  const { socket } = response;
  if (!socket) return;
  const rate = new MinimumRate({ bytesPerSecond: downloadMinRate, windowMs: stallTimeoutMs }, socket);
  const check = setInterval(() => {
    if (rate.isTooSlow()) response.destroy();
  }, stallTimeoutMs);
  response.once('close', () => clearInterval(check));
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
    .send({ message: `too many ${what} at the same time, try again later` });
}

class SearchEnded extends Error {}

/** Runs a search in time slices, until its connection closes or it takes too long. */
class SearchWork {
  /** Milliseconds of work done. Each counts as an ordinary request. */
  ms = 0;
  readonly #slices: TimeSlices;
  readonly #response: ServerResponse;
  readonly #end: number;
  #sliceStartedAt: number | undefined;

  constructor(slices: TimeSlices, response: ServerResponse, timeoutMs: number) {
    this.#slices = slices;
    this.#response = response;
    this.#end = performance.now() + timeoutMs;
  }

  async next(): Promise<void> {
    if (this.#sliceStartedAt !== undefined) this.ms += performance.now() - this.#sliceStartedAt;
    await this.#slices.next();
    if (this.#response.destroyed) throw new SearchEnded('the client has gone');
    this.#sliceStartedAt = performance.now();
    if (this.#sliceStartedAt > this.#end) throw new SearchEnded('the search took too long');
  }
}

function audienceOf({ hidden: wantsHidden }: { hidden: boolean }): Audience {
  return wantsHidden ? 'hosts' : 'guests';
}

function isForHostsOnly({ query, isHost }: FastifyRequest): boolean {
  return (query as { hidden: boolean }).hidden && !isHost;
}

function refuseHidden(reply: FastifyReply): FastifyReply {
  return reply.code(403).send({ message: 'hidden messages are for hosts' });
}

function page(transcript: Transcript, query: LogQuery): Pick<SearchResult, 'messages' | 'more'> {
  const { after, limit } = query;
  const messages = transcript.find({ ...query, limit: limit + 1 });
  const more = messages.length > limit;
  // One entry too many was requested. It is the one farthest from the start of the answer.
  if (more && after !== undefined) messages.pop();
  else if (more) messages.shift();
  return { messages, more };
}

/** Joins the messages as text, because they are JSON already. */
function answer(
  { epoch, head, tail }: Transcript,
  { messages, ...rest }: Pick<SearchResult, 'messages' | 'more'> & { revision: number },
): string {
  const fields = JSON.stringify({ epoch, head, tail, ...rest });
  return `${fields.slice(0, -1)},"messages":[${messages.join(',')}]}`;
}
