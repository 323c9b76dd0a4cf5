/**
 * The encodings of a WebSocket: JSON of the protocol, for guests and for hosts, and plain text as a terminal shows it.
 */
import { header } from '../../tcp-server/wire.ts';
import type { Entry, ServerMessage } from '../protocol.ts';
import { type Batch, entriesOf } from '../transcript/ring-buffer.ts';

/** Encodes for one WebSocket: a whole frame, or the text of one. Undefined: nothing is sent. */
export type Encoder = JsonEncoder | PlainTextEncoder;

export class JsonEncoder {
  readonly #isForHosts: boolean;

  /** `isForHosts`: hosts receive the text of hidden messages. */
  constructor(isForHosts = false) {
    this.#isForHosts = isForHosts;
  }

  batch({ frame, hostFrame = frame }: Batch): Buffer {
    return this.#isForHosts ? hostFrame : frame;
  }

  message(message: ServerMessage): string {
    return JSON.stringify(message);
  }
}

/** A terminal does not receive its own messages, so plain text leaves them out. */
export class PlainTextEncoder {
  readonly #isOwn: (address: string) => boolean;

  constructor(isOwn: (address: string) => boolean) {
    this.#isOwn = isOwn;
  }

  batch(batch: Batch): string | undefined {
    const lines = entriesOf(batch)
      .filter(({ from, gap, hidden }) => !gap && !hidden && !this.#isOwn(from))
      .flatMap(asLines);
    return lines.length > 0 ? lines.join('\n') : undefined;
  }

  message(message: ServerMessage): string | undefined {
    switch (message.type) {
      case 'notice':
        return message.text;
      case 'notices-dropped':
        return `# ${message.bytes} bytes of the server left out`;
      case 'error':
        return `# ${message.message}`;
      case 'receipt':
        return message.state === 'failed' ? `# not said: ${message.reason}` : undefined;
      case 'silenced':
        return message.seconds > 0
          ? `# a host has silenced you for ${message.seconds} s`
          : '# you may talk again';
      case 'welcome':
      case 'moderation':
      case 'hidden':
      case 'shown':
      case 'messages':
      case 'room':
      case 'people':
      case 'disk':
      case 'flood':
      case 'seen':
      case 'pong':
        return undefined;
      default:
        return message satisfies never;
    }
  }
}

function asLines({ from, text }: Entry): string[] {
  return text.split('\n').map((line) => (from === '' ? line : header(from) + line));
}
