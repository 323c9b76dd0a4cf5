/**
 * Finds out by experiment how a server passes messages on: three clients speak, and the text around their words on the
 * other side is the format.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { fill } from '../../gateway/upstream/formats/template.ts';
import type { RoomClient } from './room-client.ts';

/** Longest wait for a message, ms. A slow machine needs a part of it. */
export const HEARS_WITHIN_MS = 3_000;
/** Longest wait for a greeting, ms. Without one the server has accepted the client in the meantime. */
const GREETS_WITHIN_MS = 400;
/** Longest wait for the answer to a name, ms. */
const LOGIN_ANSWERS_WITHIN_MS = 400;
/** Pause after the name in a room that answers nothing, ms. */
const SILENT_LOGIN_MS = 50;
/** Head start of the other clients over the speaker, ms, before a server counts as an echo server. */
const ECHO_LEAD_MS = 700;

/** A room passes messages on to others, an echo server back to the speaker alone. */
export type RoomKind = 'room' | 'echo' | 'silent';

export interface RoomFormat {
  kind: RoomKind;
  /** Several clients are served at once. */
  servesMany: boolean;
  /** How a client logs in, if the first line of a client is its name. */
  login: LoginTiming | undefined;
}

export interface LoginTiming {
  /** The server speaks first. Its greeting is no answer to the name. */
  greets: boolean;
  /** The wait after each step, ms. */
  answerMs: number;
}

/** Listens to three clients that have just connected, and have said nothing. */
export async function recognise(
  [speaker, witness, third]: [RoomClient, RoomClient, RoomClient],
  nextToken: () => string,
): Promise<RoomFormat> {
  const clients = [speaker, witness, third];
  await third.until(() => third.receivedBytes > 0, GREETS_WITHIN_MS);
  const greets = clients.some(({ receivedBytes }) => receivedBytes > 0);
  let isAnswered = true;
  for (const client of clients) {
    isAnswered = (await logIn(client, { greets, answerMs: LOGIN_ANSWERS_WITHIN_MS })) && isAnswered;
  }
  const first = nextToken();
  speaker.say(first);
  const kind = await kindBy(first, speaker, witness);
  if (kind !== 'room') return { kind, servesMany: kind === 'echo' && isAnswered, login: undefined };
  const header = await learnHeader(speaker, witness, nextToken);
  const { login } = speaker.manner;
  const hasLogin = login ? login.length > 0 : (header?.includes(speaker.name) ?? false);
  const answerMs = isAnswered ? LOGIN_ANSWERS_WITHIN_MS : SILENT_LOGIN_MS;
  return { kind, servesMany: true, login: hasLogin ? { greets, answerMs } : undefined };
}

/** Sends the name, and waits for an answer, so that the server does not read the next words together with it. */
export async function logIn(client: RoomClient, { greets, answerMs }: LoginTiming): Promise<boolean> {
  if (greets) await client.until(() => client.receivedBytes > 0, GREETS_WITHIN_MS);
  const { login = ['{name}\n'] } = client.manner;
  let isAnswered = true;
  for (const step of login) {
    const { receivedBytes } = client;
    client.writeText(fill(step, { name: client.name }));
    isAnswered = (await client.until(() => client.receivedBytes > receivedBytes, answerMs)) && isAnswered;
  }
  return isAnswered;
}

async function kindBy(token: string, speaker: RoomClient, witness: RoomClient): Promise<RoomKind> {
  const atWitness = witness.hears(token, HEARS_WITHIN_MS);
  const atSpeaker = speaker.hears(token, HEARS_WITHIN_MS);
  const isEchoed = await Promise.race([atWitness.then((isHeard) => !isHeard), atSpeaker]);
  if (!isEchoed) return (await atWitness) ? 'room' : (await atSpeaker) ? 'echo' : 'silent';
  if (await Promise.race([atWitness, delay(ECHO_LEAD_MS, false)])) return 'room';
  return (await atSpeaker) ? 'echo' : 'silent';
}

/** Returns the text that the server puts before messages of the speaker, or undefined if they do not arrive. */
export async function learnHeader(
  speaker: RoomClient,
  witness: RoomClient,
  nextToken: () => string,
): Promise<string | undefined> {
  const [first, second] = [nextToken(), nextToken()];
  for (const token of [first, second]) {
    speaker.say(token);
    if (!(await witness.hears(token, HEARS_WITHIN_MS))) return undefined;
  }
  const between = textBetween(witness.text, first, second) ?? '';
  return between.slice(between.lastIndexOf('\n') + 1);
}

export function textBetween(text: string, first: string, second: string): string | undefined {
  const from = text.indexOf(first);
  const to = text.indexOf(second, from + first.length);
  return from < 0 || to < 0 ? undefined : text.slice(from + first.length, to);
}

/** Matches the header with any number in the place of each number, because it may hold the time. */
export function headerPattern(header: string): string {
  return header.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll(/\d+/g, String.raw`\d+`);
}
