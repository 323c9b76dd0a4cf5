/**
 * Removes the commands that `telnet` mixes into the text, and refuses every option.
 *
 * The refusal is needed: after Ctrl-C telnet sends DO TIMING-MARK, and shows no text until it gets an answer.
 */

const SUBNEGOTIATION_END = 240;
const SUBNEGOTIATION = 250;
const WILL = 251;
const WONT = 252;
const DO = 253;
const DONT = 254;
/** "Interpret as command" starts every sequence. No UTF-8 text contains this byte. */
const IAC = 255;
/** The lowest byte that is a command. */
const FIRST_COMMAND = 236;

const REFUSAL = new Map([
  [DO, WONT],
  [WILL, DONT],
]);

/**
 *     text --IAC--> command --WILL, WONT, DO, DONT--> option --any--> text
 *                      |  ^
 *                     SB  +--IAC--+
 *                      v          |
 *                   subnegotiation        (ends at IAC SE, or after maxSubnegotiationBytes)
 */
type State = 'text' | 'command' | 'option' | 'subnegotiation' | 'subnegotiation command';

export class TelnetFilter {
  readonly #maxSubnegotiationBytes: number;
  readonly #answer: (bytes: Buffer) => void;
  #state: State = 'text';
  #verb = 0;
  #subnegotiationBytes = 0;

  /**
   * @param maxSubnegotiationBytes the length after which an unfinished subnegotiation ends, so that it hides no text
   * for ever
   * @param answer sends the refusals to the client
   */
  constructor(maxSubnegotiationBytes: number, answer: (bytes: Buffer) => void) {
    this.#maxSubnegotiationBytes = maxSubnegotiationBytes;
    this.#answer = answer;
  }

  /** Returns the chunk without commands. A command may begin in one chunk and end in another. */
  strip(chunk: Buffer): Buffer {
    if (this.#state === 'text' && !chunk.includes(IAC)) return chunk;

    const text: number[] = [];
    const answer: number[] = [];
    for (const byte of chunk) this.#push(byte, text, answer);
    if (answer.length > 0) this.#answer(Buffer.from(answer));
    return Buffer.from(text);
  }

  #push(byte: number, text: number[], answer: number[]): void {
    switch (this.#state) {
      case 'text':
        if (byte === IAC) this.#state = 'command';
        else text.push(byte);
        break;
      case 'command':
        this.#state = this.#command(byte, text);
        break;
      case 'option':
        this.#state = 'text';
        this.#refuse(byte, answer);
        break;
      case 'subnegotiation':
        if (byte === IAC) this.#state = 'subnegotiation command';
        else if (++this.#subnegotiationBytes >= this.#maxSubnegotiationBytes) this.#state = 'text';
        break;
      case 'subnegotiation command':
        this.#state = byte === SUBNEGOTIATION_END ? 'text' : 'subnegotiation';
        break;
    }
  }

  #command(byte: number, text: number[]): State {
    if (byte === SUBNEGOTIATION) {
      this.#subnegotiationBytes = 0;
      return 'subnegotiation';
    }
    if (byte >= WILL && byte <= DONT) {
      this.#verb = byte;
      return 'option';
    }
    // A doubled IAC is the byte itself. Some clients send a command as urgent data, which leaves its IAC alone.
    if (byte === IAC || byte < FIRST_COMMAND) text.push(byte);
    return 'text';
  }

  #refuse(option: number, answer: number[]): void {
    const refusal = REFUSAL.get(this.#verb);
    if (refusal !== undefined) answer.push(IAC, refusal, option);
  }
}
