/**
 * What the terminal client shows and reads: a person at a terminal, or a pipe.
 */
import { clearScreenDown, createInterface, cursorTo, type Interface, moveCursor } from 'node:readline';
import type { ReadStream, WriteStream } from 'node:tty';
import { toTerminalText } from '../../common/control-characters.ts';
import { HEADER_SUFFIX, LEAVE_WORD } from '../wire.ts';

export interface Screen {
  /** What is typed, line by line; ends with the leave word, Ctrl-C, Ctrl-D or the input's end. */
  lines(): AsyncIterable<string>;
  /** The room's words, in pieces as they arrive. */
  show(text: string): void;
  /** The client's own words. */
  note(text: string): void;
  close(): void;
}

export function openScreen(input: ReadStream, output: WriteStream, notes: NodeJS.WritableStream): Screen {
  return input.isTTY && output.isTTY ? new Terminal(input, output) : new Pipe(input, output, notes);
}

/** Only the room's words go to the output, for scripts; notes go beside. */
class Pipe implements Screen {
  readonly #input: Interface;
  readonly #output: NodeJS.WritableStream;
  readonly #notes: NodeJS.WritableStream;

  constructor(input: NodeJS.ReadableStream, output: NodeJS.WritableStream, notes: NodeJS.WritableStream) {
    this.#input = createInterface({ input, terminal: false });
    this.#output = output;
    this.#notes = notes;
  }

  lines(): AsyncIterable<string> {
    return untilLeaving(this.#input);
  }

  show(text: string): void {
    this.#output.write(toTerminalText(text));
  }

  note(text: string): void {
    this.#notes.write(`${text}\n`);
  }

  close(): void {
    this.#input.close();
  }
}

const PROMPT = 'Escribe tu mensaje: ';

/** How a broadcast begins: `127.0.0.1:4000 dice: `, `[::1]:4000 dice: `. */
const HEADER = new RegExp(`^\\S+:\\d+${HEADER_SUFFIX}`);

/**
 * What is being typed stays at the bottom, intact, and the room's words come in above it:
 *
 *     127.0.0.1:4000 dice: hola            finished, scrolls away
 *     127.0.0.1:4001 dice: ¿qué            unfinished: no newline yet, its rest may still come
 *     Escribe tu mensaje: yo dig_          readline's
 *
 * The unfinished line is given to readline as part of the prompt. So it is readline that counts the rows
 * of all that must be drawn again: wide characters, tabs, lines that wrap.
 */
class Terminal implements Screen {
  readonly #readline: Interface;
  readonly #output: WriteStream;
  #state: 'typing' | 'done' = 'typing';
  #unfinished = '';

  constructor(input: ReadStream, output: WriteStream) {
    this.#output = output;
    this.#readline = createInterface({ input, output, prompt: PROMPT });
    // While readline takes a paste for something to complete, it appends it, wherever the cursor is.
    Object.defineProperty(this.#readline, 'isCompletionEnabled', { get: () => true, set: () => {} });
    this.#readline.on('line', (line) => this.#onLine(line));
    this.#readline.on('close', () => this.#onClose());
  }

  lines(): AsyncIterable<string> {
    this.#readline.prompt();
    return untilLeaving(this.#readline);
  }

  show(text: string): void {
    const words = toTerminalText(text).replace(/\r\n?/g, '\n');
    // The tutorial's client.py ends no line: a header begins one all the same.
    const glue = this.#unfinished !== '' && HEADER.test(words) ? '\n' : '';
    this.#print(this.#unfinished + glue + words);
  }

  note(text: string): void {
    const glue = this.#unfinished === '' ? '' : '\n';
    this.#print(`${this.#unfinished}${glue}${text}\n`);
  }

  close(): void {
    this.#readline.close();
  }

  #onLine(line: string): void {
    // The unfinished line has scrolled away above the typed one: its rest will start a row of its own.
    this.#setUnfinished('');
    if (isLeaveWord(line)) this.#state = 'done';
    else this.#readline.prompt(true);
  }

  #onClose(): void {
    if (this.#state === 'typing') this.#output.write('\n');
    this.#state = 'done';
    this.#unfinished = '';
  }

  #print(text: string): void {
    if (this.#state === 'done') this.#output.write(text);
    else this.#printAbovePrompt(text);
  }

  #printAbovePrompt(text: string): void {
    const { rows } = this.#readline.getCursorPos();
    moveCursor(this.#output, 0, -rows);
    cursorTo(this.#output, 0);
    clearScreenDown(this.#output);

    const [finished, unfinished] = split(text, this.#output.columns);
    // readline goes up the rows that it drew last before it draws again: give it them.
    this.#output.write(finished + '\n'.repeat(rows));
    this.#setUnfinished(unfinished);
    this.#readline.prompt(true);
  }

  #setUnfinished(text: string): void {
    this.#unfinished = text;
    this.#readline.setPrompt(text === '' ? PROMPT : `${text}\n${PROMPT}`);
  }
}

/** Finished lines, and the rest if it may wait for more: beyond a row it is finished too, lest it fill the screen. */
function split(text: string, columns: number): [finished: string, unfinished: string] {
  const end = text.lastIndexOf('\n') + 1;
  return text.length - end <= columns ? [text.slice(0, end), text.slice(end)] : [`${text}\n`, ''];
}

async function* untilLeaving(input: Interface): AsyncGenerator<string> {
  for await (const line of input) {
    if (isLeaveWord(line)) return;
    yield line;
  }
}

function isLeaveWord(line: string): boolean {
  return line.trim().toLowerCase() === LEAVE_WORD;
}
