/**
 * What comes in on one WebSocket, until it closes. Two ways to talk: the protocol's JSON, and plain text.
 */
import type { RawData } from 'ws';
import { LEAVE_WORD } from '../../tcp-server/wire.ts';
import { json, plainText } from '../downstream/encoders.ts';
import type { Browser, Line } from '../downstream/subscriber.ts';
import type { Room } from '../hub/hub.ts';
import type { Guest } from '../limits/admission.ts';
import type { Pace } from '../limits/token-bucket.ts';
import { CLOSE, type ClientMessage } from '../protocol.ts';
import type { Member } from '../session/session.ts';
import { withoutLineEnds } from '../upstream/formats/dice-parser.ts';
import { BadMessage, parseClientMessage } from './parse-client-message.ts';
import { Pacer } from './read-throttle.ts';

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
}

/** The browser says hello first. */
export class JsonConversation {
  readonly #browser: Browser;
  readonly #room: Room;
  readonly #guest: Guest;
  readonly #patience: Patience;
  readonly #pacer: Pacer;
  #helloTimer: NodeJS.Timeout | undefined;
  #member: Member | undefined;
  #isClean = false;

  constructor(line: Line, guest: Guest, room: Room, { patience, pace }: Terms) {
    this.#room = room;
    this.#guest = guest;
    this.#patience = patience;
    this.#browser = room.reader(line, json);
    this.#pacer = new Pacer(line.socket, this.#browser, pace);
    this.#helloTimer = setTimeout(() => this.#browser.close(CLOSE.noHello, 'no hello'), patience.helloMs);
    line.socket.on('message', (data, isBinary) => this.#socketOnMessage(data, isBinary));
    line.socket.on('close', (code) => this.#socketOnClose(code));
  }

  #socketOnMessage(data: RawData, isBinary: boolean): void {
    try {
      if (isBinary) throw new BadMessage('not-text', 'frames must be text');
      this.#take(parseClientMessage(textOf(data)));
    } catch (error) {
      if (!(error instanceof BadMessage)) throw error;
      this.#browser.send({ type: 'error', code: error.code, message: error.message });
    }
  }

  #take(message: ClientMessage): void {
    if (message.type === 'ping') this.#browser.send({ type: 'pong' });
    else if (message.type === 'hello') this.#meet(message);
    else if (this.#member) this.#tell(this.#member, message);
    else throw new BadMessage('hello-first', 'say hello first');
  }

  #meet(hello: ClientMessage & { type: 'hello' }): void {
    if (this.#member) throw new BadMessage('hello-twice', 'hello was said already');
    clearTimeout(this.#helloTimer);
    this.#helloTimer = undefined;
    this.#guest.settle();
    this.#member = this.#room.join(this.#browser, hello);
  }

  #tell(me: Member, message: ClientMessage & { type: 'say' | 'name' | 'bye' | 'leave' }): void {
    if (message.type === 'say') me.say(message.id, message.text);
    else if (message.type === 'name') me.callItself(message.name);
    else if (message.type === 'leave') void me.leave();
    else this.#isClean = true;
  }

  #socketOnClose(code: number): void {
    clearTimeout(this.#helloTimer);
    this.#pacer.end();
    const isClean = this.#isClean || CLEAN_CLOSES.includes(code);
    const { cleanMs, brokenMs } = this.#patience;
    this.#member?.linger(this.#browser, isClean ? cleanMs : brokenMs);
  }
}

/** A frame is a message; `salir` leaves. Nobody comes back to a plain-text session: it ends with its socket. */
export function converseInText(line: Line, guest: Guest, room: Room, { pace }: Terms): void {
  const { socket } = line;
  const browser: Browser = room.reader(
    line,
    plainText((address) => member?.owns(address) ?? false),
  );
  const pacer = new Pacer(socket, browser, pace);
  const member: Member | undefined = room.joinNow(browser);
  guest.settle();
  socket.on('close', () => {
    pacer.end();
    void member?.leave('closed the socket');
  });
  if (!member) return;
  let count = 0;

  socket.on('message', (data, isBinary) => {
    const text = withoutLineEnds(textOf(data));
    if (isBinary) browser.send({ type: 'error', code: 'not-text', message: 'frames must be text' });
    else if (text.trim().toLowerCase() === LEAVE_WORD) void member.leave();
    else if (text !== '') member.say(String(++count), text);
  });
}

function textOf(data: RawData): string {
  return data.toString();
}
