/**
 * Serves the transcript over HTTP, page by page, and searches it.
 *
 *     GET /api/messages?before=SEQ&after=SEQ&limit=N          ->  { epoch, head, tail, messages: Entry[], more }
 *     GET /api/messages?q=WORDS&before=SEQ&after=SEQ&limit=N  ->  complete messages, and isComplete
 */
import type { ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ClientAddressReader } from '../../lib/client-address.ts';
import type { TimeSlices } from '../../lib/time-slices.ts';
import { type Concurrency, ConcurrencyLimit } from '../../limits/concurrency-limit.ts';
import type { Transcript } from '../../transcript/transcript.ts';
import type { TranscriptQuery as LogQuery, SearchResult } from '../../transcript/transcript-search.ts';
import type { QueryRules } from '../query-rules.ts';
import { audienceOf, hiddenParameter, isForHostsOnly, refuseAsTooMany, refuseHidden } from './replies.ts';

/** Entries in one answer: more than a screen shows, and encoded within some ms. */
const MAX_LIMIT = 500;
const DEFAULT_LIMIT = 100;

/** Longest search, characters. */
const MAX_SEARCH = 200;

/** Cost in ordinary requests. A longer search pays the rest afterwards. */
const SEARCH_COST = 20;

const seq = { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER } as const;

interface MessagesQuery {
  before?: number;
  after?: number;
  limit: number;
  q?: string;
  hidden: boolean;
}

const messagesQuery: QueryRules = {
  before: seq,
  after: seq,
  limit: { type: 'integer', minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT },
  q: { type: 'string', minLength: 1, maxLength: MAX_SEARCH },
  hidden: hiddenParameter,
};

export interface HistoryOptions {
  clientAddressOf: ClientAddressReader;
  /** Searches at the same time, including those that wait for a time slice. */
  searches: Concurrency;
  /** Longest duration of a search. */
  searchTimeoutMs: number;
  /** Shares the event loop with downloads. */
  slices: TimeSlices;
  /** Charges an address for work that cost more than its price. */
  charge: (ip: string, requests: number) => void;
  /** Counts the acts of the hosts. */
  revision: () => number;
}

export function historyRoutes(app: FastifyInstance, transcript: Transcript, options: HistoryOptions): void {
  const { clientAddressOf } = options;
  const searches = new ConcurrencyLimit(options.searches);
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
      if (!end) return refuseAsTooMany(reply, 'searches');
      const work = new SearchWork(options.slices, reply.raw, options.searchTimeoutMs);
      try {
        return send(reply, await transcript.search.find(query.q, ranged, () => work.next()));
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
}

function describeJson(reply: FastifyReply): FastifyReply {
  return reply.header('cache-control', 'no-store').type('application/json; charset=utf-8');
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
