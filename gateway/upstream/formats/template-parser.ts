/**
 * Parses a room whose lines fit a template. Lines that fit none are the room's own. Pure: no sockets, no clock.
 *
 *     line that fits ---> message        line that fits none ---> note
 *     text, then a pause ---> message or note; the rest of its line continues it, unless pauses end messages
 */

import type { OwnVoices, RoomText, SentText } from './room-text.ts';
import type { LineReader } from './template.ts';

const NEVER = /(?!)/g;

export interface LineTemplates {
  /** In order of preference. */
  readonly readers: readonly LineReader[];
  /** The server writes some messages without a newline, so that only a pause ends them. */
  readonly endsByPause: boolean;
  /** Lines that fit no template are not for people. */
  readonly hidesNotes: boolean;
  readonly charset: string;
  /** Matches each header with an address. Undefined in a room without addresses. */
  readonly addressHeader: RegExp | undefined;
  /** Returns the beginning of a message line, up to its text. */
  readonly headerOf: (sent: SentText) => string;
}

type Line = { kind: 'message'; from: string; name?: string; text: string } | { kind: 'note'; text: string };

export class TemplateParser {
  readonly #templates: LineTemplates;
  readonly #own: OwnVoices;
  /** Kind of the part of the current line that a pause has emitted. */
  #begun: Line['kind'] | undefined;

  constructor(templates: LineTemplates, own: OwnVoices) {
    this.#templates = templates;
    this.#own = own;
  }

  /** Emits a line, or the rest of a line whose beginning was emitted. */
  emitLine(line: string): RoomText[] {
    const texts = this.#emit(line);
    this.#begun = undefined;
    return texts;
  }

  /** Emits the beginning or a further part of a line that has no end yet. */
  emitPart(part: string): RoomText[] {
    const texts = this.#emit(part);
    const last = texts.at(-1);
    if (this.#templates.endsByPause) this.#begun = undefined;
    else if (last?.kind === 'message' || last?.kind === 'note') this.#begun = last.kind;
    return texts;
  }

  /** Emits a line, or its beginning or rest. */
  #emit(text: string): RoomText[] {
    if (text === '') return [];
    const line = this.#read(text);
    if (this.#begun !== undefined && line.kind === 'note') {
      return this.#begun === 'message' ? [{ kind: 'continuation', text }] : this.#note(text);
    }
    return this.#templates.endsByPause ? this.#separate(text) : this.#asTexts(line);
  }

  /**
   * Separates messages between which the server wrote no newline: those of own voices, whose texts are known, and those
   * that begin with an address. Nothing separates two messages of terminals with names.
   */
  #separate(text: string): RoomText[] {
    for (const sent of this.#own.inFlight()) {
      const said = this.#templates.headerOf(sent) + sent.text;
      const start = text.indexOf(said);
      if (start < 0 || said === text) continue;
      const end = start + said.length;
      const parts = [text.slice(0, start), text.slice(end)].map((part) =>
        part === '' ? [] : this.#separate(part),
      );
      return [...(parts[0] ?? []), ...this.#asTexts(this.#read(said)), ...(parts[1] ?? [])];
    }
    for (const { index } of text.matchAll(this.#templates.addressHeader ?? NEVER)) {
      if (index === 0) continue;
      return [...this.#asTexts(this.#read(text.slice(0, index))), ...this.#separate(text.slice(index))];
    }
    return this.#asTexts(this.#read(text));
  }

  #read(text: string): Line {
    for (const read of this.#templates.readers) {
      const reading = read(text);
      if (reading === undefined) continue;
      const { address: from = '', name, text: said } = reading;
      if (said === undefined) return { kind: 'note', text };
      if (from === '' && name === undefined) return { kind: 'note', text: said };
      return { kind: 'message', from, text: said, ...(name !== undefined && { name }) };
    }
    return { kind: 'note', text };
  }

  #asTexts(line: Line): RoomText[] {
    return line.kind === 'note' ? this.#note(line.text) : [line];
  }

  #note(text: string): RoomText[] {
    return text.trim() === '' || (this.#templates.hidesNotes && text.startsWith('{'))
      ? []
      : [{ kind: 'note', text }];
  }
}
