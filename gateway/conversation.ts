/**
 * What comes in on one WebSocket, until it closes. Two ways to talk: the protocol's JSON, and plain text.
 */
import type { RawData, WebSocket } from 'ws';
import { LEAVE_WORD } from '../tcp-server/wire.ts';
import type { Pace } from './allowance.ts';
import type { Browser, Line } from './browser.ts';
import { BadMessage, parseClientMessage } from './client-message.ts';
import { json, plainText } from './formats.ts';
import type { Member } from './member.ts';
import { keepPace } from './pace.ts';
import { CLOSE, type ClientMessage } from './protocol.ts';
import type { Room } from './room.ts';

/** How long we wait for a browser, ms. */
export interface Patience {
  /** For its hello. */
  helloMs: number;
  /** For its return after a connection that broke. */
  brokenMs: number;
  /** The same after a clean close. */
  cleanMs: number;
}

const CLEAN_CLOSES: readonly number[] = [1000, 1001];

/** On which a conversation is held. */
export interface Terms {
  patience: Patience;
  /** How fast a browser is read, in frames, or in 1024 bytes where a frame is longer. */
  pace: Pace;
  /** Told once it is clear who has come. */
  settled(): void;
}

export function converseInJson(line: Line, room: Room, { patience, pace, settled }: Terms): void {
  const { socket } = line;
  const browser = room.reader(line, json);
  keepPace(socket, browser, pace);
  let helloTimer: NodeJS.Timeout | undefined = setTimeout(
    () => browser.close(CLOSE.noHello, 'no hello'),
    patience.helloMs,
  );
  let member: Member | undefined;
  let clean = false;

  const take = (message: ClientMessage): void => {
    if (message.type === 'ping') browser.send({ type: 'pong' });
    else if (message.type === 'hello') hello(message);
    else if (member) tell(member, message);
    else throw new BadMessage('hello-first', 'say hello first');
  };
  const hello = (message: ClientMessage & { type: 'hello' }): void => {
    if (member) throw new BadMessage('hello-twice', 'hello was said already');
    clearTimeout(helloTimer);
    helloTimer = undefined;
    settled();
    member = room.join(browser, message);
  };
  const tell = (me: Member, message: ClientMessage & { type: 'say' | 'name' | 'bye' | 'leave' }): void => {
    if (message.type === 'say') me.say(message.id, message.text);
    else if (message.type === 'name') me.callItself(message.name);
    else if (message.type === 'leave') void me.leave();
    else clean = true;
  };

  socket.on('message', (data, isBinary) => {
    try {
      if (isBinary) throw new BadMessage('not-text', 'frames must be text');
      take(parseClientMessage(textOf(data)));
    } catch (error) {
      if (!(error instanceof BadMessage)) throw error;
      browser.send({ type: 'error', code: error.code, message: error.message });
    }
  });
  socketEnds(socket, (code) => {
    clearTimeout(helloTimer);
    clean ||= CLEAN_CLOSES.includes(code);
    member?.linger(browser, clean ? patience.cleanMs : patience.brokenMs);
  });
}

/** A frame is a message; `salir` leaves. Nobody comes back to a plain-text session: it ends with its socket. */
export function converseInText(line: Line, room: Room, { pace, settled }: Terms): void {
  const { socket } = line;
  const browser: Browser = room.reader(
    line,
    plainText((address) => member?.owns(address) ?? false),
  );
  keepPace(socket, browser, pace);
  const member: Member | undefined = room.joinNow(browser);
  settled();
  if (!member) return;
  let count = 0;

  socket.on('message', (data, isBinary) => {
    const text = textOf(data).replace(/[\r\n]+$/, '');
    if (isBinary) browser.send({ type: 'error', code: 'not-text', message: 'frames must be text' });
    else if (text.trim().toLowerCase() === LEAVE_WORD) void member.leave();
    else if (text !== '') member.say(String(++count), text);
  });
  socketEnds(socket, () => void member.leave('closed the socket'));
}

function textOf(data: RawData): string {
  return data.toString();
}

/** Errors of a socket (too large a frame, bad UTF-8, a reset) end it; `close` follows each. */
function socketEnds(socket: WebSocket, then: (code: number) => void): void {
  socket.on('error', () => {});
  socket.once('close', then);
}
