/**
 * Splits the bytes of a room into lines for parsers whose messages are lines. Pure.
 */
import type { RoomParser, RoomText } from './room-text.ts';

/** A longer line without an end is emitted in parts of about this size, characters. */
const WAIT_WHOLE_MAX = 8 * 1024;

export abstract class LineParser implements RoomParser {
  readonly #decoder: InstanceType<typeof TextDecoder>;
  /** The current line, without the parts that a flush has emitted. */
  #rest = '';

  constructor(charset = 'utf-8') {
    this.#decoder = new TextDecoder(charset, { ignoreBOM: true });
  }

  /** Emits a line, or the rest of a line whose beginning was flushed. */
  protected abstract emitLine(line: string): RoomText[];

  /** Emits the beginning or a further part of a line that has no end yet. */
  protected abstract emitPart(text: string): RoomText[];

  get isHolding(): boolean {
    return this.#rest !== '';
  }

  push(bytes: Uint8Array): RoomText[] {
    return this.#parse(this.#decoder.decode(bytes, { stream: true }));
  }

  flush(): RoomText[] {
    const texts = this.emitPart(this.#rest);
    this.#rest = '';
    return texts;
  }

  end(): RoomText[] {
    return [...this.#parse(this.#decoder.decode()), ...this.flush()];
  }

  #parse(text: string): RoomText[] {
    const [first = '', ...lines] = text.replaceAll('\r', '').split('\n');
    // Scans only the new text, because a line may come byte by byte.
    lines.unshift(this.#rest + first);
    this.#rest = lines.pop() ?? '';
    const texts = lines.flatMap((line) => this.emitLine(line));
    return this.#rest.length > WAIT_WHOLE_MAX ? [...texts, ...this.flush()] : texts;
  }
}
