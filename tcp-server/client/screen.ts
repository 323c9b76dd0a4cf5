/**
 * Reads the input and shows the output of the terminal client, at a terminal or in a pipe.
 */
import { clearScreenDown, createInterface, cursorTo, type Interface, moveCursor } from 'node:readline';
import type { ReadStream, WriteStream } from 'node:tty';
import { toTerminalText } from '../../common/control-characters.ts';
import { HEADER_SUFFIX, LEAVE_WORD } from '../wire.ts';

export interface Screen {
  /** The lines that are typed, until `salir`, Ctrl-C, Ctrl-D or the end of the input. */
  lines(): AsyncIterable<string>;
  /** Shows text of the room, in chunks as it arrives. */
  show(text: string): void;
  /** Shows a message of the client itself. */
  note(text: string): void;
  close(): void;
}

export function openScreen(input: ReadStream, output: WriteStream, notes: NodeJS.WritableStream): Screen {
  return input.isTTY && output.isTTY
    ? new TerminalScreen(input, output)
    : new PipeScreen(input, output, notes);
}

/** Writes only the room's text to the output, for scripts, and notes to another stream. */
class PipeScreen implements Screen {
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

/** The beginning of a broadcast: `127.0.0.1:4000 dice: `, `[::1]:4000 dice: `. */
const HEADER = new RegExp(`^\\S+:\\d+${HEADER_SUFFIX}`);

/**
 * Keeps the line being typed at the bottom, intact, and prints the room's text above it:
 *
 *     127.0.0.1:4000 dice: hola            finished, scrolls away
 *     127.0.0.1:4001 dice: ¿qué            unfinished: has no newline yet, and its rest may follow
 *     Escribe tu mensaje: yo dig_          readline's
 *
 * The unfinished line is part of readline's prompt. So readline counts the rows that must be drawn again, with wide
 * characters, tabs and lines that wrap.
 */
class TerminalScreen implements Screen {
  readonly #readline: Interface;
  readonly #output: WriteStream;
  #state: 'typing' | 'done' = 'typing';
  #unfinished = '';

  constructor(input: ReadStream, output: WriteStream) {
    this.#output = output;
    this.#readline = createInterface({ input, output, prompt: PROMPT });
    // While a paste disables completion, readline appends text at the end of the line, wherever the cursor is.
    Object.defineProperty(this.#readline, 'isCompletionEnabled', { get: () => true, set: () => {} });
    this.#readline.on('line', (line) => this.#onLine(line));
    this.#readline.on('close', () => this.#onClose());
  }

  lines(): AsyncIterable<string> {
    this.#readline.prompt();
    return untilLeaving(this.#readline);
  }

  show(text: string): void {
    const plain = toTerminalText(text).replace(/\r\n?/g, '\n');
    // The tutorial's client.py ends no line, so a header begins a new one.
    const glue = this.#unfinished !== '' && HEADER.test(plain) ? '\n' : '';
    this.#print(this.#unfinished + glue + plain);
  }

  note(text: string): void {
    const glue = this.#unfinished === '' ? '' : '\n';
    this.#print(`${this.#unfinished}${glue}${text}\n`);
  }

  close(): void {
    this.#readline.close();
  }

  #onLine(line: string): void {
    // The unfinished line has scrolled away above the typed one, so its rest starts a new row.
    this.#setUnfinished('');
    if (isLeaveCommand(line)) this.#state = 'done';
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
    // readline moves up the rows that it drew last before it draws again, so these rows must exist.
    this.#output.write(finished + '\n'.repeat(rows));
    this.#setUnfinished(unfinished);
    this.#readline.prompt(true);
  }

  #setUnfinished(text: string): void {
    this.#unfinished = text;
    this.#readline.setPrompt(text === '' ? PROMPT : `${text}\n${PROMPT}`);
  }
}

/** Separates the finished lines from the rest. A rest longer than a row is finished too, so that it can't fill the screen. */
function split(text: string, columns: number): [finished: string, unfinished: string] {
  const end = text.lastIndexOf('\n') + 1;
  return text.length - end <= columns ? [text.slice(0, end), text.slice(end)] : [`${text}\n`, ''];
}

async function* untilLeaving(input: Interface): AsyncGenerator<string> {
  for await (const line of input) {
    if (isLeaveCommand(line)) return;
    yield line;
  }
}

function isLeaveCommand(line: string): boolean {
  return line.trim().toLowerCase() === LEAVE_WORD;
}
