/**
 * The encodings of a WebSocket: JSON of the protocol, for guests and for hosts, and plain text as a terminal shows it.
 */
import { header } from '../../tcp-server/wire.ts';
import type { Entry } from '../protocol.ts';
import { entriesOf } from '../transcript/ring-buffer.ts';
import type { Encoder } from './subscriber.ts';

export const jsonEncoder: Encoder = {
  batch: ({ frame }) => frame,
  message: (message) => JSON.stringify(message),
};

/** Hosts receive the text of hidden messages. */
export const hostEncoder: Encoder = {
  batch: ({ frame, hostFrame }) => hostFrame ?? frame,
  message: jsonEncoder.message,
};

/** A terminal does not receive its own messages, so plain text leaves them out. */
export function textEncoder(isOwn: (address: string) => boolean): Encoder {
  return {
    batch(batch) {
      const lines = entriesOf(batch)
        .filter(({ from, gap, hidden }) => !gap && !hidden && !isOwn(from))
        .flatMap(asLines);
      return lines.length > 0 ? lines.join('\n') : undefined;
    },
    message(message) {
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
    },
  };
}

function asLines({ from, text }: Entry): string[] {
  return text.split('\n').map((line) => (from === '' ? line : header(from) + line));
}
