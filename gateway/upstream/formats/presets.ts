/**
 * The manners of servers that tutorials teach, by the name of the tutorial. docs/servers.md lists them, and
 * test/python/manners.py speaks like each.
 */

/** How a kind of server talks. Absent: as the tutorial's server of this repository. */
export interface Preset {
  /** Templates of the lines with a message, in order of preference. A line that fits none is the room's own. */
  readonly lines: readonly string[];
  /** Lines that look like a message and are none. */
  readonly notes?: readonly string[];
  /** Text that a connection sends first. */
  readonly login?: string;
  readonly say?: string;
  readonly bye?: string;
  readonly charset?: 'ascii';
  /** A pause ends a message, because the server writes no newline. */
  readonly endsByPause?: true;
}

const NAMED_LINES = ['{name}: {text}'];

export const PRESETS = {
  gopl: { lines: ['{address}: {text}'] },
  'node-gist': { lines: ['{address}> {text}'] },
  lab07: {
    lines: ['[{address}]: {text}'],
    notes: ['[{address}]: has connected', '[{address}]: has disconnected'],
    charset: 'ascii',
    endsByPause: true,
  },
  geeksforgeeks: { lines: ['<{ip}> {text}'] },
  asyncio: { lines: NAMED_LINES, login: '/set name {name}\n' },
  'node-demo': { lines: ['[{name}] {text}'], login: '{name}\n' },
  budget: { lines: ['[{name}] {text}'], login: '{name}\n' },
  tokio: { lines: NAMED_LINES, login: '{name}\n' },
  submitname: { lines: ['MESSAGE {name}: {text}', 'MESSAGE {text}'], login: '{name}\n' },
  agnique: { lines: NAMED_LINES, login: '{name}\n' },
  tylpele: { lines: NAMED_LINES, login: '{name}\n' },
  wittcode: { lines: NAMED_LINES, login: '{name}\n', say: '{name}: {text}\n', bye: 'reset' },
  mug4z: {
    lines: NAMED_LINES,
    login: 'intergouvernementalisations\n/nick {name}\n',
    bye: '/bye\n',
  },
  twisted: { lines: ['<{name}> {text}'], login: '{name}\r\n', say: '{text}\r\n' },
  neuralnine: {
    lines: NAMED_LINES,
    login: '{name}',
    say: '{name}: {text}\n',
    bye: 'reset',
    endsByPause: true,
  },
  cave: { lines: NAMED_LINES, login: '{name}', bye: '{quit}', endsByPause: true },
  packagemain: {
    lines: ['> {name}: {text}', '> {text}'],
    login: '/nick {name}\n/join sala\n',
    say: '/msg {text}\n',
    bye: '/quit\n',
  },
  perl: { lines: NAMED_LINES, login: '{name}', say: '{name}: {text}\n' },
  'json-lines': {
    lines: ['{"type": "chat", "message": "{name}: {text}"}', '{"type": "chat", "message": "{text}"}'],
    login: '{"type": "name", "message": "{name}"}\n',
    say: '{"type": "chat", "message": "{text}"}\n',
    bye: 'reset',
  },
} as const satisfies Record<string, Preset>;
