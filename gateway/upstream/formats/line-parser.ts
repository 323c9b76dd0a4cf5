/**
 * Splits the bytes of a room whose messages are lines, and lets another parser read the lines. Pure.
 */
import type { PlainParser } from './plain-parser.ts';
import type { RoomText } from './room-text.ts';
import type { TemplateParser } from './template-parser.ts';

/** A longer line without an end is emitted in parts of about this size, characters. */
const WAIT_WHOLE_MAX = 8 * 1024;

export class LineParser {
  readonly #lines: PlainParser | TemplateParser;
  readonly #decoder: InstanceType<typeof TextDecoder>;
  /** The current line, without the parts that a flush has emitted. */
  #rest = '';

  constructor(lines: PlainParser | TemplateParser, charset = 'utf-8') {
    this.#lines = lines;
    this.#decoder = new TextDecoder(charset, { ignoreBOM: true });
  }

  /** True if `flush` would emit text. */
  get isHolding(): boolean {
    return this.#rest !== '';
  }

  push(bytes: Uint8Array): RoomText[] {
    return this.#parse(this.#decoder.decode(bytes, { stream: true }));
  }

  flush(): RoomText[] {
    const texts = this.#lines.emitPart(this.#rest);
    this.#rest = '';
    return texts;
  }

  /** Emits everything, because the connection ended. */
  end(): RoomText[] {
    return [...this.#parse(this.#decoder.decode()), ...this.flush()];
  }

  #parse(text: string): RoomText[] {
    const [first = '', ...lines] = text.replaceAll('\r', '').split('\n');
    // Scans only the new text, because a line may come byte by byte.
    lines.unshift(this.#rest + first);
    this.#rest = lines.pop() ?? '';
    const texts = lines.flatMap((line) => this.#lines.emitLine(line));
    return this.#rest.length > WAIT_WHOLE_MAX ? [...texts, ...this.flush()] : texts;
  }
}
