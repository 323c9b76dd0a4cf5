/**
 * Serves the transcript as a file to save, whole or of one day.
 *
 *     GET /api/transcript?format=text|jsonl|html&day=YYYY-MM-DD&zone=ZONE&lang=es|en&hidden=true
 *     GET /api/days?zone=ZONE      the days that have messages
 */
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { Calendar } from '../../lib/calendar.ts';
import type { ClientAddressReader } from '../../lib/client-address.ts';
import type { Slices } from '../../lib/time-slices.ts';
import { Turns } from '../../lib/turns.ts';
import { type Concurrency, ConcurrencyLimit } from '../../limits/concurrency-limit.ts';
import { MinimumRate } from '../../limits/minimum-rate.ts';
import type { Transcript } from '../../transcript/transcript.ts';
import type { QueryRules } from '../query-rules.ts';
import { audienceOf, hiddenParameter, isForHostsOnly, refuseAsTooMany, refuseHidden } from './replies.ts';
import { daysOf } from './transcript-days.ts';
import { asJsonLines, asText, EVERYTHING, type Selection } from './transcript-file.ts';
import { asPage } from './transcript-page.ts';
import { LANGUAGES, type PageLanguage } from './transcript-strings.ts';

/** Cost in ordinary requests. */
const FILE_COST = 100;

/** Downloads that work at a time, and the slices of a turn. Many slices, because what a download keeps between turns gets old. */
const TURN = { tasks: 2, slices: 32 };

/** Longest name of a time zone, characters. The longest known one has 32. */
const ZONE_MAX = 64;

interface TranscriptQuery {
  format: 'text' | 'jsonl' | 'html';
  hidden: boolean;
  day?: string;
  zone: string;
  lang: PageLanguage;
}

const zoneParameter = { type: 'string', minLength: 1, maxLength: ZONE_MAX, default: 'UTC' } as const;

const transcriptQuery: QueryRules = {
  format: { type: 'string', enum: ['text', 'jsonl', 'html'], default: 'text' },
  hidden: hiddenParameter,
  day: { type: 'string', format: 'date' },
  zone: zoneParameter,
  lang: { type: 'string', enum: LANGUAGES, default: 'en' },
};

const FILES = {
  text: { extension: 'txt', type: 'text/plain; charset=utf-8' },
  jsonl: { extension: 'jsonl', type: 'application/jsonl; charset=utf-8' },
  html: { extension: 'html', type: 'text/html; charset=utf-8' },
};

export interface TranscriptOptions {
  clientAddressOf: ClientAddressReader;
  /** Downloads at the same time. */
  downloads: Concurrency;
  /** How long a download may send nothing because its client does not read. */
  stallTimeoutMs: number;
  /** Bytes per second that the client of a download must read on average, in each time of `stallTimeoutMs`. */
  downloadMinRate: number;
  /** Shares the event loop with searches. */
  slices: Slices;
  /** Title of the room; empty without one. */
  title: () => string;
}

export function transcriptRoute(
  app: FastifyInstance,
  transcript: Transcript,
  options: TranscriptOptions,
): void {
  const downloads = new ConcurrencyLimit(options.downloads);
  const turns = new Turns(options.slices, TURN);
  daysRoute(app, transcript, downloads, turns, options.clientAddressOf);
  const schema = { schema: { querystring: transcriptQuery }, exposeHeadRoute: false };
  app.get<{ Querystring: TranscriptQuery }>(
    '/api/transcript',
    { ...schema, config: { cost: () => FILE_COST } },
    async (request, reply) => {
      const { raw, query } = request;
      if (isForHostsOnly(request)) return refuseHidden(reply);
      const calendar = calendarOf(query.zone);
      if (calendar === undefined) return refuseZone(reply);
      const end = downloads.start(options.clientAddressOf(raw).ip);
      if (!end) return refuseAsTooMany(reply, 'downloads');
      reply.raw.once('close', end);
      closeIfSlow(reply.raw, options);
      describeFile(reply, query);
      return Readable.from(write(query, calendar, transcript, { ...options, slices: turns.task() }));
    },
  );
  app.head<{ Querystring: TranscriptQuery }>('/api/transcript', schema, async ({ query }, reply) =>
    describeFile(reply, query).send(),
  );
}

/** A day costs a search by time and the reading of its beginning, so a long log costs as much as a file. */
function daysRoute(
  app: FastifyInstance,
  transcript: Transcript,
  downloads: ConcurrencyLimit,
  turns: Turns,
  clientAddressOf: ClientAddressReader,
): void {
  app.get<{ Querystring: Pick<TranscriptQuery, 'zone'> }>(
    '/api/days',
    {
      schema: { querystring: { zone: zoneParameter } satisfies QueryRules },
      exposeHeadRoute: false,
      config: { cost: () => FILE_COST },
    },
    async ({ raw, query }, reply) => {
      const calendar = calendarOf(query.zone);
      if (calendar === undefined) return refuseZone(reply);
      const end = downloads.start(clientAddressOf(raw).ip);
      if (!end) return refuseAsTooMany(reply, 'downloads');
      try {
        const days: string[] = [];
        for await (const { day } of daysOf(transcript, turns.task(), EVERYTHING, calendar)) {
          if (reply.raw.destroyed) break;
          days.push(day);
        }
        return reply.header('cache-control', 'no-store').send({ days });
      } finally {
        end();
      }
    },
  );
}

function write(
  query: TranscriptQuery,
  calendar: Calendar,
  transcript: Transcript,
  { slices, title }: TranscriptOptions,
): AsyncGenerator<Buffer> {
  const { format, day, lang } = query;
  const selection: Selection = {
    audience: audienceOf(query),
    ...(day !== undefined && { period: calendar.periodOf(day) }),
  };
  if (format === 'text') return asText(transcript, slices, selection);
  if (format === 'jsonl') return asJsonLines(transcript, slices, selection);
  return asPage(transcript, slices, selection, { calendar, lang, title: title() });
}

function calendarOf(zone: string): Calendar | undefined {
  try {
    return new Calendar(zone);
  } catch {
    return undefined;
  }
}

function refuseZone(reply: FastifyReply): FastifyReply {
  return reply.code(400).send({ message: 'zone is not a known time zone' });
}

/** Browsers save the file and never open it as a page of this server. */
function describeFile(reply: FastifyReply, { format, day }: TranscriptQuery): FastifyReply {
  const { extension, type } = FILES[format];
  const name = day === undefined ? 'tertulia' : `tertulia-${day}`;
  return reply
    .header('cache-control', 'no-store')
    .header('content-disposition', `attachment; filename="${name}.${extension}"`)
    .type(type);
}

function closeIfSlow(
  response: ServerResponse,
  { stallTimeoutMs, downloadMinRate }: Pick<TranscriptOptions, 'stallTimeoutMs' | 'downloadMinRate'>,
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
