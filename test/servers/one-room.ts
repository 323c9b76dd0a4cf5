/**
 * Three tabs and a terminal in one room of another server, by the table of presets.
 */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Entry, PeopleHere } from '../../gateway/protocol.ts';
import { eventually } from '../helpers/eventually.ts';
import { type Gateway, openTab, startGateway, type Tab } from '../helpers/gateway.ts';
import { enter, type TcpClient } from '../helpers/tcp.ts';

export interface Room {
  /** Settings of the gateway. Absent: the preset of this name. */
  settings?: Record<string, string>;
  /** How a terminal encodes what it sends, if not as it is. */
  frame?: (text: string) => Buffer;
  /** Parts that a terminal sends to log in, each after an answer. `{name}` is its name. */
  login?: readonly string[];
  /** Line that a terminal sends for a text. */
  say?: string;
  /** How a line of a named tab reaches a terminal. `{address}`, `{name}`, `{text}`. */
  line: string;
  /** Whether a line shows its sender by address, by name, or not at all. */
  senders: 'address' | 'name' | 'none';
  /** Line of the room itself when the terminal has come. */
  joined?: string;
  /** Text that a terminal receives when it is in the room. */
  welcome?: string;
  /** The room holds ASCII alone. */
  isAscii?: true;
}

const NAME_LINE = ['{name}\n'];

export const ROOMS: Record<string, Room> = {
  gopl: { line: '{address}: <{name}> {text}\n', senders: 'address', joined: '{address} has arrived' },
  'node-gist': {
    line: '::ffff:{address}> <{name}> {text}\n',
    senders: 'address',
    joined: '::ffff:{address} entrou no chat.',
  },
  lab07: {
    line: '[{address}]: <{name}> {text}\n',
    senders: 'address',
    joined: '[{address}]: has connected',
    isAscii: true,
  },
  geeksforgeeks: { line: '<127.0.0.1> <{name}> {text}\n', senders: 'none' },
  asyncio: {
    line: '{name}: {text}\n',
    senders: 'name',
    login: ['/set name {name}\n'],
    welcome: 'Name: {name}\n',
  },
  'node-demo': {
    line: '[{name}] {text}\n',
    senders: 'name',
    login: NAME_LINE,
    welcome: 'Hello {name}!\n',
  },
  budget: {
    line: '[{name}] {text}\n',
    senders: 'name',
    login: NAME_LINE,
    joined: '* {name} has entered the room',
  },
  tokio: {
    line: '{name}: {text}\n',
    senders: 'name',
    login: NAME_LINE,
    joined: '{name} has joined the chat',
  },
  submitname: {
    line: 'MESSAGE {name}: {text}\n',
    senders: 'name',
    login: NAME_LINE,
    joined: '{name} has joined',
  },
  agnique: {
    line: '{name}: {text}\n',
    senders: 'name',
    login: NAME_LINE,
    welcome: 'Name Accepted!{name}\n',
  },
  tylpele: { line: '{name}: {text}\n', senders: 'name', login: NAME_LINE, joined: '{name} joined the chat.' },
  wittcode: {
    line: '{name}: {text}\n',
    senders: 'name',
    login: NAME_LINE,
    say: '{name}: {text}\n',
    joined: 'SERVER{name}has joined the Project',
  },
  mug4z: {
    line: '{name}: {text}\n',
    senders: 'name',
    login: ['intergouvernementalisations\n', '/nick {name}\n'],
    welcome: 'est : {name}\n',
  },
  twisted: {
    line: '<{name}> {text}\r\n',
    senders: 'name',
    login: ['{name}\r\n'],
    say: '{text}\r\n',
    welcome: 'Welcome, {name}!\r\n',
  },
  neuralnine: {
    line: '{name}: {text}\n',
    senders: 'name',
    login: ['{name}'],
    say: '{name}: {text}',
    joined: '{name} joined!',
  },
  cave: {
    line: '{name}: {text}\n',
    senders: 'name',
    login: ['{name}'],
    say: '{text}',
    joined: '{name} has joined the chat!',
  },
  packagemain: {
    line: '> {name}: {text}\n',
    senders: 'name',
    login: ['/nick {name}\n', '/join sala\n'],
    say: '/msg {text}\n',
    joined: '{name} joined the room',
  },
  perl: {
    line: '{name}: {text}\n',
    senders: 'name',
    login: ['{name}'],
    say: '{name}: {text}\n',
    welcome: 'Welcome',
  },
  'json-lines': {
    line: '{"type": "chat", "message": "{name}: {text}"}\n',
    senders: 'name',
    login: ['{"type": "name", "message": "{name}"}\n'],
    say: '{"type": "chat", "message": "{text}"}\n',
    joined: '{name} joined the chat',
  },
};

/** Time between the steps of a terminal, ms. A person is slower. */
const STEP_MS = 100;

function filled(template: string, values: Record<string, string>): string {
  return Object.entries(values).reduce(
    (text, [name, value]) => text.replaceAll(`{${name}}`, value),
    template,
  );
}

async function enterAs(
  t: TestContext,
  port: number,
  name: string,
  { login = [], frame }: Room,
): Promise<TcpClient> {
  const terminal = await enter(t, port);
  for (const step of login) {
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
    const text = filled(step, { name });
    terminal.send(frame?.(text) ?? text);
  }
  return terminal;
}

async function openNamed(t: TestContext, gateway: Gateway, name: string): Promise<Tab> {
  const tab = await openTab(t, gateway);
  tab.send({ type: 'name', name });
  await eventually(
    () => tab.roomState === 'open' && tab.you,
    () => `${name} is not in the room: ${tab.roomState} ${tab.trouble}`,
  );
  return tab;
}

/** The messages of a tab without lines of the room and gaps. */
function messagesOf(tab: Tab) {
  return tab.messages.filter(({ note, gap }) => !note && !gap);
}

const NAMES = ['Ana', 'Luis', 'Eva'];
const TERMINAL = 'Paco';

/** The gateway runs with `ROOM_FORMAT=preset` in front of `port`. */
export async function bringTogether(t: TestContext, port: number, preset: string, room: Room) {
  const gateway = await startGateway(t, port, room.settings ?? { ROOM_FORMAT: preset });
  const tabs = await Promise.all(NAMES.map((name) => openNamed(t, gateway, name)));
  const terminal = await enterAs(t, port, TERMINAL, room);
  const terminalSays = (text: string) => {
    const line = filled(room.say ?? '{text}\n', { name: TERMINAL, text });
    terminal.send(room.frame?.(line) ?? line);
  };
  if (room.welcome) await terminal.receives(filled(room.welcome, { name: TERMINAL }));
  if (room.joined) {
    const joined = filled(room.joined, { name: TERMINAL, address: terminal.address });
    for (const tab of tabs) assert.equal((await tab.receives(joined)).note, true);
  }
  const terminalName = {
    address: '',
    name: `<${TERMINAL}> `,
    none: preset === 'geeksforgeeks' ? '<127.0.0.1> ' : '',
  }[room.senders];
  terminalSays('ya estoy');
  for (const tab of tabs) await tab.receives(`${terminalName}ya estoy`);
  const text = room.isAscii ? 'buenos dias' : '¿qué tal?, mañana';

  // All tabs talk at once. Each message has a receipt, and is seen once, in one order, under its name.
  const ids = tabs.flatMap((tab, index) =>
    ['uno', 'dos'].map((word) => [tab, tab.say(`<${NAMES[index]}> ${word} ${text}`)] as const),
  );
  for (const [tab, id] of ids) await tab.receivesReceipt(id, 'heard');
  terminalSays('hola a todos');
  for (const tab of tabs) {
    const heard = await tab.receives(`${terminalName}hola a todos`);
    assert.equal(heard.from, room.senders === 'address' ? terminal.address : '');
    assert.ok(!heard.said && !heard.forged);
  }
  const expected = [
    `${terminalName}ya estoy`,
    ...NAMES.flatMap((name) => ['uno', 'dos'].map((word) => `<${name}> ${word} ${text}`)),
    `${terminalName}hola a todos`,
  ];
  const [first] = tabs as [Tab];
  for (const tab of tabs) {
    assert.deepEqual(
      messagesOf(tab)
        .map((entry) => entry.text)
        .sort(),
      [...expected].sort(),
    );
    assert.deepEqual(tab.messages, first.messages);
  }
  for (const [index, tab] of tabs.entries()) {
    const own = messagesOf(first).filter(({ said }) => said?.by === tab.welcome?.me);
    assert.deepEqual(
      own.map((entry) => entry.text),
      ['uno', 'dos'].map((word) => `<${NAMES[index]}> ${word} ${text}`),
    );
    const line = filled(room.line, {
      name: NAMES[index] ?? '',
      address: tab.you ?? '',
      text: `dos ${escaped(preset, text)}`,
    });
    await terminal.receives(line);
  }

  // A tab that was away misses nothing, and a newcomer reads the past.
  first.vanish();
  terminalSays('sigo');
  const back = await openTab(t, gateway, first.resumePoint);
  await back.receives(`${terminalName}sigo`);
  const newcomer = await openTab(t, gateway);
  await newcomer.receives(`${terminalName}sigo`);
  assert.deepEqual(
    messagesOf(newcomer).map((entry) => entry.text),
    [...messagesOf(first).map((entry) => entry.text), `${terminalName}sigo`],
  );

  // A search finds a sender's name and a text together.
  for (const name of NAMES) {
    assert.deepEqual(await search(gateway, `${name} dos`), [`<${name}> dos ${text}`]);
  }
  assert.deepEqual(await search(gateway, `${terminalName}hola todos`), [`${terminalName}hola a todos`]);

  const people = await peopleHere(gateway);
  const named = people.browsers.map(({ nickname }) => nickname).filter(Boolean);
  assert.deepEqual(named.sort(), [...NAMES].sort());
  if (room.senders === 'name')
    assert.deepEqual(
      people.terminals.map(({ nickname }) => nickname),
      [TERMINAL],
    );

  // Leaving harms nobody.
  for (const tab of tabs.slice(1)) tab.send({ type: 'leave' });
  await eventually(
    async () => (await peopleHere(gateway)).browsers.filter(({ nickname }) => nickname).length === 1,
    () => 'those who left are still in the list',
  );
  const id = back.say('<Ana> adiós');
  await back.receivesReceipt(id, 'heard');
  assert.equal((await gateway.get('/readyz')).status, 200, gateway.program.output);
  assert.doesNotMatch(gateway.program.output, /docs\/servers|try ROOM_/);
  return { gateway, tab: back, terminal, terminalSays, terminalName };
}

async function peopleHere(gateway: Gateway): Promise<PeopleHere> {
  return (await (await gateway.get('/api/people')).json()) as PeopleHere;
}

async function search(gateway: Gateway, words: string): Promise<string[]> {
  const found = await (await gateway.get(`/api/messages?q=${encodeURIComponent(words)}`)).json();
  return (found as { messages: Entry[] }).messages.map((entry) => entry.text);
}

/** Python writes JSON in ASCII. */
function escaped(preset: string, text: string): string {
  if (preset !== 'json-lines') return text;
  return text.replace(/[^\0-\x7f]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
