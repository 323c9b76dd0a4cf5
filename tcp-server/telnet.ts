/**
 * `telnet` mixes commands into what a person types. Here they are taken out, and every option is refused.
 *
 * The answer matters: after Ctrl-C a telnet sends DO TIMING-MARK, and shows nothing more until it is answered.
 */

const SUBNEGOTIATION_END = 240;
const SUBNEGOTIATION = 250;
const WILL = 251;
const WONT = 252;
const DO = 253;
const DONT = 254;
/** "Interpret as command": starts every sequence. No UTF-8 text contains this byte. */
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
 *                   subnegotiation        (its end is IAC SE; beyond maxSubnegotiation it was none)
 */
type State = 'text' | 'command' | 'option' | 'subnegotiation' | 'subnegotiation command';

export class TelnetFilter {
  readonly #maxSubnegotiation: number;
  readonly #answer: (bytes: Buffer) => void;
  #state: State = 'text';
  #verb = 0;
  #subnegotiated = 0;

  /**
   * @param maxSubnegotiation bytes after which an unfinished subnegotiation is taken for a mistake,
   * so that nobody goes silent for ever behind one
   * @param answer sends the refusals to the client
   */
  constructor(maxSubnegotiation: number, answer: (bytes: Buffer) => void) {
    this.#maxSubnegotiation = maxSubnegotiation;
    this.#answer = answer;
  }

  /** The chunk without its commands, which may begin in one chunk and end in another. */
  strip(chunk: Buffer): Buffer {
    if (this.#state === 'text' && !chunk.includes(IAC)) return chunk;

    const text: number[] = [];
    const answer: number[] = [];
    for (const byte of chunk) this.#take(byte, text, answer);
    if (answer.length > 0) this.#answer(Buffer.from(answer));
    return Buffer.from(text);
  }

  #take(byte: number, text: number[], answer: number[]): void {
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
        else if (++this.#subnegotiated >= this.#maxSubnegotiation) this.#state = 'text';
        break;
      case 'subnegotiation command':
        this.#state = byte === SUBNEGOTIATION_END ? 'text' : 'subnegotiation';
        break;
    }
  }

  #command(byte: number, text: number[]): State {
    if (byte === SUBNEGOTIATION) {
      this.#subnegotiated = 0;
      return 'subnegotiation';
    }
    if (byte >= WILL && byte <= DONT) {
      this.#verb = byte;
      return 'option';
    }
    // A doubled IAC is the byte itself. A lone one has lost its command, which some clients send as urgent data.
    if (byte === IAC || byte < FIRST_COMMAND) text.push(byte);
    return 'text';
  }

  #refuse(option: number, answer: number[]): void {
    const refusal = REFUSAL.get(this.#verb);
    if (refusal !== undefined) answer.push(IAC, refusal, option);
  }
}
