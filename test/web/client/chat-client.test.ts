import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GROUP_PAUSE_MS } from '../../../common/display/speakers.ts';
import { CLOSE, type Entry } from '../../../gateway/protocol.ts';
import { ChatClient, LEAVE_FLUSH_MS } from '../../../web/client/chat-client.ts';
import { LIVE_MAX_MESSAGES } from '../../../web/timeline/history.ts';
import { TRIM_BATCH_MESSAGES } from '../../../web/timeline/log-segment.ts';
import type { Row } from '../../../web/timeline/rows.ts';
import { RESUME_MESSAGES } from '../../../web/timeline/timeline.ts';
import {
  answersProcessed,
  entry,
  FakeHistoryApi,
  FakeNetwork,
  ME,
  ownEntry,
  welcome,
  YOU,
} from '../fakes.ts';

const LOST = 1006;

/** Storage of a tab between reloads. */
class FakeTab {
  stored: string | null = null;
  refuses = false;

  readonly store = {
    read: () => this.#allow(this.stored),
    write: (value: string) => {
      this.stored = this.#allow(value);
    },
  };

  #allow<T>(value: T): T {
    if (this.refuses) throw new DOMException('Storage is refused', 'SecurityError');
    return value;
  }
}

class ClientHarness {
  readonly network = new FakeNetwork();
  readonly historyApi = new FakeHistoryApi();
  readonly client: ChatClient;
  changes = 0;
  /** Texts reported as new. A mention ends in `!`. */
  readonly arrivals: string[] = [];
  static ids = 0;
  token: string | undefined;
  /** HTTP works and WebSocket upgrades do not. */
  isBlocked = false;

  constructor(tab = new FakeTab(), browser = new FakeTab()) {
    this.client = new ChatClient({
      changed: () => this.changes++,
      ...this.network.effects,
      fetchJson: this.historyApi.fetchJson,
      postCode: async () => {
        this.token = 'new';
        return 200;
      },
      hasToken: () => this.token !== undefined,
      isBlocked: async () => this.isBlocked,
      newId: () => `id-${++ClientHarness.ids}`,
      wallClockMs: () => this.network.clock.now,
      store: tab.store,
      personStore: browser.store,
      onArrival: ({ text }, isMention) => this.arrivals.push(isMention ? `${text} !` : text),
      warn: () => {},
    });
    this.client.join();
  }

  get gateway() {
    return this.network.socket;
  }

  /** The greeting without the person, whose secret is random. */
  get hello() {
    const [{ person, ...hello } = { type: 'hello' }] = this.gateway.sentOfType('hello');
    return hello;
  }

  get shown(): string[] {
    return this.client.timeline.rows.map(describeRow);
  }

  /** Only the messages of people. */
  get messages(): string[] {
    return this.shown.filter((line) => line.includes(': '));
  }

  receive(...messages: Entry[]): void {
    this.gateway.receive({ type: 'messages', messages });
  }

  closeSocket(code = LOST): void {
    this.gateway.closeWith(code);
  }

  reconnect(fields: Parameters<typeof this.gateway.welcome>[0] = {}): void {
    if (this.client.status.name === 'left') this.client.join();
    else this.client.resume();
    this.gateway.welcome(fields);
  }
}

function describeRow(row: Row): string {
  switch (row.kind) {
    case 'day':
      return '--';
    case 'unread':
      return '==';
    case 'message':
      return `${row.message.mine ? 'me' : row.message.from}: ${row.message.text}`;
    case 'outgoing':
      return `${row.outgoing.state}: ${row.outgoing.text}`;
    case 'missing':
      return 'missing';
    case 'note':
      if (row.note.kind === 'notice') return `${row.leads ? 'server' : '    ..'}: ${row.note.text}`;
      return row.note.kind === 'event' ? row.note.event.name : row.note.kind;
  }
}

const mine = (seq: number, text: string, id = 'another') => ownEntry(seq, text, id);
const from = (seq: number, text: string) => entry(seq, text, { from: 'ana' });

describe('chat client', () => {
  it('is in the room after the welcome', () => {
    const page = new ClientHarness();
    assert.deepEqual(page.client.status, { name: 'entering' });
    page.gateway.welcome();
    assert.deepEqual(page.client.status, { name: 'here', you: YOU });
    assert.deepEqual(page.shown, ['joined']);
  });

  it('reports a failing disk once, across a reconnect, and once that it works again', () => {
    const page = new ClientHarness();
    page.gateway.welcome();
    page.gateway.receive({ type: 'disk', state: 'failing' });
    page.closeSocket();
    page.reconnect({ disk: 'failing' });
    assert.deepEqual(page.shown, ['joined', 'unsaved', 'back']);
    page.gateway.receive({ type: 'disk', state: 'working' });
    page.closeSocket();
    page.reconnect();
    assert.deepEqual(page.shown, ['joined', 'unsaved', 'back', 'saved', 'back']);
  });

  it('reports the address that floods', () => {
    const page = new ClientHarness();
    page.gateway.welcome();
    for (let i = 0; i < 3; i++) page.gateway.receive({ type: 'flood', from: '10.0.0.7:4000' });
    assert.deepEqual(page.shown, ['joined', 'flood']);
  });

  it('does not show an empty room before the welcome', () => {
    const page = new ClientHarness();
    page.closeSocket();
    assert.equal(page.client.timeline.isCatchingUp, true);
    page.reconnect();
    assert.equal(page.client.timeline.isCatchingUp, false);
  });

  it('joins after the messages before it', () => {
    const page = new ClientHarness();
    page.gateway.welcome({ head: 2 });
    assert.equal(page.client.timeline.isCatchingUp, true);
    page.receive(from(1, 'a'), from(2, 'b'));
    assert.equal(page.client.timeline.isCatchingUp, false);
    assert.deepEqual(page.shown, ['--', 'ana: a', 'ana: b', 'joined']);
  });

  it('shows an own message at once, and in the log after its echo', () => {
    const page = new ClientHarness();
    page.gateway.welcome();
    page.client.send('hola');
    assert.deepEqual(page.messages, ['sending: hola']);
    const [{ id } = { id: '' }] = page.gateway.sentOfType('say');
    page.receive(mine(1, 'hola', id));
    assert.deepEqual(page.messages, ['me: hola']);
    page.gateway.receive({ type: 'receipt', id, state: 'heard', seq: 1 });
    assert.deepEqual(page.messages, ['me: hola']);
  });

  it('shows an own message once, even if the receipt comes before the log', () => {
    const page = new ClientHarness();
    page.gateway.welcome();
    page.client.send('hola');
    const [{ id } = { id: '' }] = page.gateway.sentOfType('say');
    page.gateway.receive({ type: 'receipt', id, state: 'heard', seq: 1 });
    assert.deepEqual(page.messages, ['heard: hola']);
    page.receive(mine(1, 'hola', id));
    assert.deepEqual(page.messages, ['me: hola']);
  });

  it('sends each line as a message with the nickname, without blank lines', () => {
    const page = new ClientHarness();
    page.gateway.welcome();
    page.client.setNickname('Ana');
    page.client.send('uno\n\n  \ndos ');
    const texts = page.gateway.sentOfType('say').map(({ text }) => text);
    assert.deepEqual(texts, ['<Ana> uno', '<Ana> dos']);
  });

  it('rejects an invalid nickname', () => {
    const page = new ClientHarness();
    page.client.setNickname('Ana');
    page.client.setNickname('<Ana>');
    assert.equal(page.client.nickname, 'Ana');
  });

  it('holds messages while offline and sends them after the reconnect', () => {
    const page = new ClientHarness();
    page.gateway.welcome();
    page.closeSocket();
    page.client.send('hola');
    assert.deepEqual(page.client.status, { name: 'offline' });
    assert.deepEqual(page.messages, ['waiting: hola']);
    page.reconnect({ resumed: true });
    assert.equal(page.gateway.sentOfType('say')[0]?.text, 'hola');
  });

  it("reports trouble while the gateway can't read the room, and still sends", () => {
    const page = new ClientHarness();
    page.gateway.welcome();
    page.gateway.receive({ type: 'room', state: 'open', you: YOU, trouble: 'asks', setting: 'ROOM_LOGIN=x' });
    assert.deepEqual(page.client.status, {
      name: 'here',
      you: YOU,
      trouble: 'asks',
      setting: 'ROOM_LOGIN=x',
    });
    page.client.send('Ana');
    assert.equal(page.gateway.sentOfType('say')[0]?.text, 'Ana');
    page.gateway.receive({ type: 'room', state: 'open', you: YOU });
    assert.deepEqual(page.client.status, { name: 'here', you: YOU });
  });

  it('holds messages while the room does not answer', () => {
    const page = new ClientHarness();
    page.gateway.welcome({ you: null });
    page.client.send('hola');
    assert.deepEqual(page.client.status, { name: 'roomless' });
    assert.deepEqual(page.gateway.sentOfType('say'), []);
    page.gateway.receive({ type: 'room', state: 'open', you: YOU });
    assert.deepEqual(page.client.status, { name: 'here', you: YOU });
    assert.equal(page.gateway.sentOfType('say')[0]?.text, 'hola');
  });

  it('reconnects with its session and the last number it saw', () => {
    const page = new ClientHarness();
    page.gateway.welcome({ head: 1 });
    page.receive(from(1, 'a'));
    page.closeSocket();
    page.reconnect({ head: 2, resumed: true });
    const hello = { type: 'hello', session: 'session-1', epoch: 'epoch-1', after: 1 };
    assert.deepEqual(page.hello, hello);
    page.receive(from(2, 'b'));
    assert.deepEqual(page.shown, ['--', 'ana: a', 'joined', 'lost', '==', 'ana: b', 'back']);
  });

  it('resumes from the beginning of a silent room, also after a reload', () => {
    const tab = new FakeTab();
    const page = new ClientHarness(tab);
    page.gateway.welcome({ head: 0 });
    page.closeSocket();
    page.reconnect({ resumed: true });
    assert.equal(page.gateway.sentOfType('hello')[0]?.after, 0);
    page.client.suspend();
    const again = new ClientHarness(tab);
    again.gateway.open();
    assert.equal(again.gateway.sentOfType('hello')[0]?.after, 0);
    again.gateway.receive(welcome({ head: 9, tail: 8, recovered: false }));
    again.receive(from(8, 'a'), from(9, 'b'));
    assert.deepEqual(again.shown.slice(0, 1), ['missing']);
  });

  it('has caught up at once when the gateway sends no history', () => {
    const page = new ClientHarness();
    page.gateway.welcome({ head: 5, after: 5 });
    const { timeline } = page.client;
    assert.equal(timeline.isCatchingUp, false);
    assert.equal(timeline.history.above, 'more');
    assert.deepEqual(page.shown, ['joined']);
    page.receive(from(6, 'f'));
    assert.deepEqual(page.shown, ['--', 'joined', 'ana: f']);
    page.closeSocket();
    page.reconnect({ head: 9, after: 9, recovered: false });
    assert.equal(timeline.isCatchingUp, false);
    page.receive(from(10, 'j'));
    assert.deepEqual(page.shown.slice(-3), ['back', 'missing', 'ana: j']);
  });

  it('resumes from before it joined when the connection was lost before any entry', () => {
    const page = new ClientHarness();
    page.gateway.welcome({ head: 1000 });
    page.closeSocket();
    page.reconnect({ head: 1300, resumed: true });
    assert.equal(page.gateway.sentOfType('hello')[0]?.after, 1000 - RESUME_MESSAGES);
    page.receive(from(901, 'a'));
    assert.deepEqual(page.messages, ['ana: a']);
  });

  it('reports a lost connection once, however many attempts follow', () => {
    const page = new ClientHarness();
    page.gateway.welcome();
    page.receive(from(1, 'a'));
    for (let i = 0; i < 3; i++) {
      page.closeSocket();
      page.client.resume();
    }
    assert.deepEqual(page.shown, ['--', 'joined', 'ana: a', 'lost']);
  });

  it('reports no lost connection before it has joined', () => {
    const page = new ClientHarness();
    page.closeSocket();
    assert.deepEqual(page.client.status, { name: 'offline' });
    assert.deepEqual(page.shown, []);
  });

  it('starts another log when the epoch changes', () => {
    const page = new ClientHarness();
    page.gateway.welcome({ head: 1 });
    page.receive(from(1, 'a'));
    page.closeSocket();
    page.client.send('hola');
    page.reconnect({ epoch: 'epoch-2', head: 1 });
    page.receive(from(1, 'b'));
    assert.deepEqual(page.messages, ['ana: b', 'sending: hola']);
  });

  it('reads the log again when the gateway has shown entries that it does not have', () => {
    const page = new ClientHarness();
    page.gateway.welcome({ head: 2 });
    page.receive(from(1, 'a'), from(2, 'of no log'));
    page.closeSocket(CLOSE.corrected);
    page.client.send('hola');
    page.reconnect({ head: 2 });
    assert.deepEqual(page.hello, { type: 'hello', session: 'session-1' });
    page.receive(from(1, 'a'), from(2, 'b'));
    assert.deepEqual(page.messages, ['ana: a', 'ana: b', 'sending: hola']);
  });

  it('marks messages of a lost session as unconfirmed until the log shows them', () => {
    const page = new ClientHarness();
    page.gateway.welcome();
    page.client.send('hola');
    page.client.send('adiós');
    const [{ id } = { id: '' }] = page.gateway.sentOfType('say');
    page.closeSocket();
    page.reconnect({ session: 'session-2', me: 'me-2', you: '127.0.0.1:40002', head: 1 });
    assert.deepEqual(page.messages, ['unconfirmed: hola', 'unconfirmed: adiós']);
    page.receive(mine(1, 'hola', id));
    assert.deepEqual(page.messages, ['me: hola', 'unconfirmed: adiós']);
  });

  it('does not own messages of others under the same address', () => {
    const page = new ClientHarness();
    page.gateway.welcome();
    page.receive(entry(1, 'older', { from: YOU }), mine(2, 'ours'), entry(3, 'later', { from: YOU }));
    assert.deepEqual(page.messages, [`${YOU}: older`, 'me: ours', `${YOU}: later`]);
  });

  it('owns the messages of all its sessions, also after a reload', () => {
    const tab = new FakeTab();
    const page = new ClientHarness(tab);
    page.gateway.welcome();
    page.closeSocket();
    page.reconnect({ session: 'session-2', me: 'me-2', head: 2 });
    page.client.suspend();
    const again = new ClientHarness(tab);
    again.gateway.welcome({ session: 'session-3', me: 'me-3', head: 2 });
    again.receive(mine(1, 'first'), entry(2, 'second', { said: { by: 'me-2', id: 'x', left: 0 } }));
    assert.deepEqual(again.messages, ['me: first', 'me: second']);
  });

  it('marks a long message as unconfirmed when the log has only its beginning', () => {
    const page = new ClientHarness();
    page.gateway.welcome();
    page.client.send('principio y fin');
    const [{ id } = { id: '' }] = page.gateway.sentOfType('say');
    page.receive(ownEntry(1, 'principio', id, {}, 1));
    assert.deepEqual(page.messages, ['me: principio']);
    page.closeSocket();
    page.reconnect({ session: 'session-2', me: 'me-2', head: 1 });
    assert.deepEqual(page.messages, ['me: principio', 'unconfirmed: principio y fin']);
  });

  it('keeps settled messages in their place while the log grows', () => {
    const page = new ClientHarness();
    page.gateway.welcome();
    page.client.send('hola');
    const [{ id } = { id: '' }] = page.gateway.sentOfType('say');
    page.gateway.receive({ type: 'receipt', id, state: 'unconfirmed' });
    page.receive(from(1, 'a'));
    page.client.send('luego');
    assert.deepEqual(page.messages, ['unconfirmed: hola', 'ana: a', 'sending: luego']);
  });

  it('keeps messages in the order in which they were settled', () => {
    const page = new ClientHarness();
    page.gateway.welcome();
    page.client.send('uno\ndos');
    const [{ id: one } = { id: '' }, { id: two } = { id: '' }] = page.gateway.sentOfType('say');
    page.gateway.receive({ type: 'receipt', id: two, state: 'failed', reason: 'empty' });
    page.receive(from(1, 'a'));
    page.gateway.receive({ type: 'receipt', id: one, state: 'unconfirmed' });
    page.receive(from(2, 'b'));
    assert.deepEqual(page.messages, ['failed: dos', 'ana: a', 'unconfirmed: uno', 'ana: b']);
  });

  it('sends its pending messages before it leaves', () => {
    const page = new ClientHarness();
    page.gateway.welcome();
    page.client.send('adiós');
    page.client.leave();
    assert.deepEqual(page.gateway.sentOfType('leave'), []);
    const [{ id } = { id: '' }] = page.gateway.sentOfType('say');
    page.gateway.receive({ type: 'receipt', id, state: 'heard', seq: 1 });
    assert.equal(page.gateway.sentOfType('leave').length, 1);
  });

  it('leaves without a receipt after LEAVE_FLUSH_MS', () => {
    const page = new ClientHarness();
    page.gateway.welcome();
    page.client.send('adiós');
    page.client.leave();
    page.network.clock.pass(LEAVE_FLUSH_MS);
    assert.equal(page.gateway.sentOfType('leave').length, 1);
    page.closeSocket(CLOSE.left);
    assert.deepEqual(page.messages, ['unconfirmed: adiós']);
  });

  it('does not reconnect when the connection is lost while it leaves', () => {
    const page = new ClientHarness();
    page.gateway.welcome();
    page.client.send('adiós');
    page.client.leave();
    page.closeSocket();
    page.network.clock.pass(60_000);
    assert.equal(page.network.sockets.length, 1);
  });

  it('rejoins in a new session, without reading the log again', () => {
    const page = new ClientHarness();
    page.gateway.welcome({ head: 1 });
    page.receive(from(1, 'a'));
    page.client.leave();
    page.closeSocket(CLOSE.left);
    page.reconnect({ session: 'session-2', head: 1 });
    assert.deepEqual(page.hello, { type: 'hello', epoch: 'epoch-1', after: 1 });
    assert.deepEqual(page.shown, ['--', 'ana: a', 'joined', 'left', 'joined']);
  });

  it('can rejoin before its last messages were delivered', () => {
    const page = new ClientHarness();
    page.gateway.welcome();
    page.client.send('adiós');
    page.client.leave();
    page.reconnect({ session: 'session-2' });
    assert.equal(page.network.sockets[0]?.sentOfType('leave').length, 1);
    assert.deepEqual(page.client.status, { name: 'here', you: YOU });
  });

  it('leaves when the gateway closes with CLOSE.left', () => {
    const page = new ClientHarness();
    page.gateway.welcome();
    page.closeSocket(CLOSE.left);
    assert.deepEqual(page.client.status, { name: 'left' });
  });

  it('joins in a new session when another tab took its own, and repeats no message', () => {
    const page = new ClientHarness();
    page.gateway.welcome();
    page.client.send('a\nb\nc');
    page.closeSocket(CLOSE.replaced);
    page.reconnect({ session: 'session-2' });
    assert.equal(page.gateway.sentOfType('hello')[0]?.session, undefined);
    assert.deepEqual(page.gateway.sentOfType('say'), []);
    assert.deepEqual(page.messages, ['unconfirmed: a', 'unconfirmed: b', 'unconfirmed: c']);
  });

  it('restores session, messages, nickname, draft and log position after a reload', () => {
    const tab = new FakeTab();
    const before = new ClientHarness(tab);
    before.gateway.welcome({ head: 500 });
    before.receive(entry(500, 'a'));
    before.client.setNickname('Ana');
    before.client.send('hola');
    before.client.setDraft('a medias');
    before.client.suspend();

    const after = new ClientHarness(tab);
    after.gateway.welcome({ head: 500, resumed: true });
    assert.deepEqual(after.hello, {
      type: 'hello',
      session: 'session-1',
      epoch: 'epoch-1',
      after: 500 - RESUME_MESSAGES,
    });
    assert.deepEqual(after.gateway.sentOfType('say'), before.gateway.sentOfType('say'));
    assert.equal(after.client.nickname, 'Ana');
    assert.equal(after.client.draft, 'a medias');
  });

  it('is the same person in each tab of a browser, under the name used last', () => {
    const browser = new FakeTab();
    const personOf = ({ gateway }: ClientHarness) => {
      gateway.welcome();
      return gateway.sentOfType('hello')[0]?.person;
    };
    const first = new ClientHarness(new FakeTab(), browser);
    const person = personOf(first);
    first.client.setNickname('Ana');
    const second = new ClientHarness(new FakeTab(), browser);
    assert.equal(personOf(second), person);
    assert.equal(second.client.nickname, 'Ana');
    second.client.setNickname('Bea');
    assert.equal(first.client.nickname, 'Ana');
    assert.equal(new ClientHarness(new FakeTab(), browser).client.nickname, 'Bea');
    assert.notEqual(personOf(new ClientHarness()), person);
  });

  it('keeps a nameless tab nameless after a reload', () => {
    const [tab, browser] = [new FakeTab(), new FakeTab()];
    const page = new ClientHarness(tab, browser);
    page.client.setNickname('Ana');
    page.client.setNickname('');
    new ClientHarness(new FakeTab(), browser).client.setNickname('Bea');
    assert.equal(new ClientHarness(tab, browser).client.nickname, '');
  });

  it('becomes another person when the passphrase changes', () => {
    const browser = new FakeTab();
    const page = new ClientHarness(new FakeTab(), browser);
    page.gateway.welcome();
    page.client.setNickname('Ana');
    const before = page.gateway.sentOfType('hello')[0]?.person;
    page.closeSocket(CLOSE.locked);
    const next = new ClientHarness(new FakeTab(), browser);
    next.gateway.welcome();
    assert.equal(next.client.nickname, '');
    assert.notEqual(next.gateway.sentOfType('hello')[0]?.person, before);
  });

  it('is one person without storage as long as the page lives', () => {
    const browser = new FakeTab();
    browser.refuses = true;
    const page = new ClientHarness(new FakeTab(), browser);
    page.gateway.welcome();
    const before = page.gateway.sentOfType('hello')[0]?.person;
    page.closeSocket();
    page.reconnect();
    assert.equal(page.gateway.sentOfType('hello')[0]?.person, before);
  });

  /** An echo server that answers only the sender, as the first ones of the tutorial do. */
  const answer = (page: ClientHarness, id: string, text: string) => {
    page.gateway.receive({ type: 'notice', text, answers: id });
    page.gateway.receive({ type: 'receipt', id, state: 'heard' });
  };

  it('shows a private answer under its message, also after a reload', () => {
    const tab = new FakeTab();
    const page = new ClientHarness(tab);
    page.gateway.welcome({ limits: { textBytes: 32_000, openSays: 32 } });
    page.gateway.receive({ type: 'notice', text: 'Welcome' });
    page.client.send('uno\ndos\ntres');
    const ids = page.gateway.sentOfType('say').map(({ id }) => id);
    for (const [index, id] of ids.slice(0, 2).entries()) answer(page, id, `OK ${index}`);
    page.gateway.receive({ type: 'notice', text: 'O', answers: ids[2] ?? '' });
    page.gateway.receive({ type: 'notice', text: 'K 2', answers: ids[2] ?? '', continues: true });
    const shown = ['server: Welcome', 'heard: uno', 'server: OK 0', 'heard: dos', 'server: OK 1'];
    assert.deepEqual(page.shown.slice(2), [...shown, 'sending: tres', 'server: OK 2']);
    page.gateway.receive({ type: 'receipt', id: ids[2] ?? '', state: 'heard' });
    page.client.suspend();

    const again = new ClientHarness(tab);
    again.gateway.welcome({ resumed: true });
    assert.deepEqual(
      again.shown.filter((line) => line.includes(': ')),
      [...shown, 'heard: tres', 'server: OK 2'],
    );
    again.client.send('cuatro');
    answer(again, again.gateway.sentOfType('say').at(-1)?.id ?? '', 'OK 3');
    assert.deepEqual(again.shown.slice(-2), ['heard: cuatro', 'server: OK 3']);
  });

  it('shows private answers under messages of the log', () => {
    const page = new ClientHarness();
    page.gateway.welcome();
    page.client.send('uno');
    page.client.send('dos');
    const [uno = '', dos = ''] = page.gateway.sentOfType('say').map(({ id }) => id);
    page.gateway.receive({ type: 'notice', text: 'OK 1', answers: uno });
    page.receive(mine(1, 'uno', uno), from(2, 'hola'));
    page.gateway.receive({ type: 'receipt', id: uno, state: 'heard', seq: 1 });
    page.receive(mine(3, 'dos', dos), from(4, 'adiós'));
    page.gateway.receive({ type: 'receipt', id: dos, state: 'heard', seq: 3 });
    page.gateway.receive({ type: 'notice', text: 'OK 2', answers: dos });
    page.gateway.receive({ type: 'notice', text: 'bytes: 4', answers: dos });
    assert.deepEqual(page.shown.slice(2), [
      'me: uno',
      'server: OK 1',
      'ana: hola',
      'me: dos',
      'server: OK 2',
      '    ..: bytes: 4',
      'ana: adiós',
    ]);
  });

  it('reports all dropped notices in one line', () => {
    const page = new ClientHarness();
    page.gateway.welcome();
    for (const bytes of [1_000, 2_000]) page.gateway.receive({ type: 'notices-dropped', bytes });
    assert.deepEqual(page.shown.slice(1), ['dropped']);
  });

  it('works without storage, and with invalid stored data', () => {
    const refusing = new FakeTab();
    refusing.refuses = true;
    const nonsense = new FakeTab();
    nonsense.stored = '{"says":7}';
    const nowhere = new FakeTab();
    nowhere.stored = '{"epoch":"epoch-1","names":[],"nickname":"","draft":"","says":[],"place":null}';
    for (const tab of [refusing, nonsense, nowhere]) {
      const page = new ClientHarness(tab);
      page.gateway.welcome();
      page.client.send('hola');
      assert.deepEqual(page.messages, ['sending: hola']);
      assert.deepEqual(page.historyApi.requests, []);
    }
  });

  it('counts unseen messages, but neither history nor own messages', () => {
    const page = new ClientHarness();
    page.client.setVisible(false);
    page.gateway.welcome({ head: 1 });
    page.receive(from(1, 'history'));
    page.receive(from(2, 'news'), mine(3, 'mine'), entry(4, 'more', { from: 'ana', continues: 2 }));
    assert.equal(page.client.timeline.unread, 1);
    page.client.setVisible(true);
    assert.equal(page.client.timeline.unread, 0);
    page.client.timeline.setVisibility({ atNewest: false });
    page.receive(from(5, 'news'));
    assert.equal(page.client.timeline.unread, 1);
  });

  it('marks the first unread message until the person writes', () => {
    const page = new ClientHarness();
    page.gateway.welcome({ head: 1 });
    page.receive(from(1, 'history'), from(2, 'seen'));
    page.client.setVisible(false);
    page.receive(mine(3, 'mine'), from(4, 'new'), from(5, 'newer'));
    const unread = ['--', 'ana: history', 'ana: seen', 'joined', 'me: mine', '==', 'ana: new', 'ana: newer'];
    assert.deepEqual(page.shown, unread);
    page.client.setVisible(true);
    page.receive(from(6, 'seen too'));
    assert.deepEqual(page.shown, [...unread, 'ana: seen too']);
    page.client.send('hola');
    assert.ok(!page.shown.includes('=='));
  });

  it('moves the unread mark to the next first unread message', () => {
    const page = new ClientHarness();
    page.gateway.welcome();
    for (const seq of [1, 3]) {
      page.client.setVisible(false);
      page.receive(from(seq, 'new'));
      page.client.setVisible(true);
      page.receive(from(seq + 1, 'seen'));
    }
    assert.deepEqual(page.shown, ['--', 'joined', 'ana: new', 'ana: seen', '==', 'ana: new', 'ana: seen']);
  });

  it('marks messages sent while it was offline once, also after a reload', () => {
    const tab = new FakeTab();
    const page = new ClientHarness(tab);
    page.gateway.welcome({ head: 1 });
    page.receive(from(1, 'a'));
    page.client.suspend();
    const again = new ClientHarness(tab);
    again.gateway.welcome({ head: 4, resumed: true });
    again.receive(from(1, 'a'), from(2, 'b'));
    again.receive(from(3, 'c'), from(4, 'd'), from(5, 'e'));
    assert.deepEqual(again.messages, ['ana: a', 'ana: b', 'ana: c', 'ana: d', 'ana: e']);
    assert.deepEqual(again.shown.slice(0, 4), ['--', 'ana: a', '==', 'ana: b']);
    again.client.suspend();
    const third = new ClientHarness(tab);
    third.gateway.welcome({ head: 5, resumed: true });
    third.receive(...[1, 2, 3, 4, 5].map((seq) => from(seq, 'x')));
    assert.equal(third.shown.indexOf('=='), 2);
  });

  it('evicts the oldest entries, but not while the reader is further up', () => {
    const page = new ClientHarness();
    page.gateway.welcome();
    page.client.timeline.setVisibility({ atNewest: false });
    const most = LIVE_MAX_MESSAGES + TRIM_BATCH_MESSAGES;
    page.receive(...Array.from({ length: most }, (_, i) => from(i + 1, 'a')));
    assert.equal(page.messages.length, most);
    page.client.timeline.setVisibility({ atNewest: true });
    page.receive(from(most + 1, 'b'));
    assert.equal(page.messages.length, LIVE_MAX_MESSAGES);
  });

  it('is not rendered for entries that a long catch-up will evict', () => {
    const page = new ClientHarness();
    page.gateway.welcome({ head: LIVE_MAX_MESSAGES + 2 });
    page.changes = 0;
    page.receive(from(1, 'a'));
    assert.equal(page.changes, 0);
    page.receive(from(2, 'b'));
    assert.equal(page.changes, 1);
    assert.deepEqual(page.messages, ['ana: a', 'ana: b']);
  });

  it('is rendered while it catches up below the reader', () => {
    const page = new ClientHarness();
    page.gateway.welcome({ head: LIVE_MAX_MESSAGES + 2 });
    page.client.timeline.setVisibility({ atNewest: false });
    page.changes = 0;
    page.receive(from(1, 'a'));
    assert.equal(page.changes, 1);
  });

  it('restores the reading position and the unread mark after a reload', async () => {
    const tab = new FakeTab();
    const before = new ClientHarness(tab);
    before.gateway.welcome({ head: 1000 });
    before.client.timeline.setVisibility({ atNewest: false });
    before.client.timeline.setPlace({ seq: 40, offset: -7 });
    before.receive(from(1000, 'history'), from(1001, 'news'));
    before.client.suspend();

    const after = new ClientHarness(tab);
    after.historyApi.keep(1001);
    after.gateway.welcome({ head: 1001, resumed: true });
    after.receive(from(1000, 'history'), from(1001, 'news'), from(1002, 'news'));
    await answersProcessed();
    assert.deepEqual(after.client.timeline.history.target, { seq: 40, offset: -7, isFound: false });
    assert.equal(after.client.timeline.history.isLive, false);
    assert.ok(after.messages.includes(`${entry(40, '').from}: m40`));
    assert.equal(after.client.timeline.unread, 2);
  });

  it("is at the newest after a reload when the reading position can't be loaded", async () => {
    const tab = new FakeTab();
    const before = new ClientHarness(tab);
    before.gateway.welcome({ head: 1 });
    before.client.timeline.setPlace({ seq: 40, offset: 0 });
    before.client.suspend();

    const after = new ClientHarness(tab);
    after.historyApi.fails = true;
    after.gateway.welcome({ head: 1000 });
    after.receive(from(1000, 'a'));
    await answersProcessed();
    assert.equal(after.client.timeline.history.isLive, true);
    after.receive(from(1001, 'b'));
    assert.equal(after.client.timeline.unread, 0);
  });

  it('restores the reading position after a second reload during the first', () => {
    const tab = new FakeTab();
    const first = new ClientHarness(tab);
    first.gateway.welcome({ head: 1000 });
    first.client.timeline.setPlace({ seq: 40, offset: 0 });
    first.client.suspend();
    const second = new ClientHarness(tab);
    second.client.timeline.setPlace(undefined);
    second.client.suspend();
    assert.match(tab.stored ?? '', /"place":\{"seq":40/);
  });

  it('confirms unconfirmed messages from loaded history', async () => {
    const page = new ClientHarness();
    page.gateway.welcome({ head: 300 });
    page.receive(from(300, 'a'));
    page.client.send('hola');
    const [{ id } = { id: '' }] = page.gateway.sentOfType('say');
    page.historyApi.entries = [mine(301, 'hola', id), ...page.historyApi.keep(700, 302).entries];
    page.closeSocket();
    page.reconnect({ session: 'session-2', head: 700, recovered: false });
    page.receive(from(700, 'b'));
    assert.ok(page.messages.includes('unconfirmed: hola'));
    const hole = page.client.timeline.rows.find((row) => row.kind === 'missing');
    assert.ok(hole?.kind === 'missing');
    await page.client.timeline.history.loadMissing(hole.missing);
    assert.ok(page.messages.includes('me: hola'));
    assert.ok(!page.messages.includes('unconfirmed: hola'));
  });

  it('shows local items and pending messages only at the newest', async () => {
    const page = new ClientHarness();
    page.historyApi.keep(1000);
    page.gateway.welcome({ head: 1000 });
    page.receive(from(1000, 'a'));
    page.closeSocket();
    page.client.send('hola');
    await page.client.timeline.history.goTo({ seq: 500, isFound: true });
    assert.deepEqual(
      page.shown.filter((line) => !line.includes(': m')),
      ['--'],
    );
    page.client.timeline.history.showNewest();
    assert.deepEqual(page.shown, ['--', 'ana: a', 'joined', 'lost', 'waiting: hola']);
  });

  it('returns the lines that do not fit into the outbox', () => {
    const page = new ClientHarness();
    const lines = Array.from({ length: 600 }, (_, i) => `line ${i}`);
    assert.deepEqual(page.client.send(lines.join('\n')).split('\n'), lines.slice(500));
  });

  it('shows the speaker once per group of messages', () => {
    const page = new ClientHarness();
    page.gateway.welcome({ head: 5 });
    const later = { from: 'eva', at: 3000 + GROUP_PAUSE_MS + 1 };
    page.receive(from(1, 'a'), from(2, 'b'), entry(3, 'c', { from: 'eva' }), entry(4, 'd', later));
    const leads = page.client.timeline.rows.flatMap((row) => ('leads' in row ? [row.leads] : []));
    assert.deepEqual(leads, [true, false, true, true]);
  });

  it('reports messages of others once it has caught up, but no history and no own ones', () => {
    const page = new ClientHarness();
    page.gateway.welcome({ head: 2 });
    page.receive(from(1, 'a'), from(2, 'b'), from(3, 'c'), ownEntry(4, 'mine', 'id-0'));
    assert.deepEqual(page.arrivals, ['c']);
    page.closeSocket();
    page.reconnect({ head: 6, recovered: true });
    page.receive(from(5, 'd'), from(6, 'e'), from(7, 'f'));
    assert.deepEqual(page.arrivals, ['c', 'f']);
  });

  it('reports mentions of its current name', () => {
    const tab = new FakeTab();
    const page = new ClientHarness(tab);
    page.gateway.welcome();
    page.receive(from(1, 'hola, José'));
    page.client.setNickname('José');
    page.receive(from(2, 'hola, jose'), from(3, `hola, ${YOU}`));
    assert.deepEqual(page.arrivals, ['hola, José', 'hola, jose !', `hola, ${YOU} !`]);
    const again = new ClientHarness(tab);
    assert.ok(again.client.timeline.mentions.matches('@José'));
  });

  it('sends the nickname after each join and each change', () => {
    const page = new ClientHarness();
    page.gateway.welcome();
    page.client.setNickname('Ana');
    assert.deepEqual(page.gateway.sentOfType('name'), [
      { type: 'name', name: '' },
      { type: 'name', name: 'Ana' },
    ]);
    page.closeSocket();
    page.reconnect();
    assert.deepEqual(page.gateway.sentOfType('name'), [{ type: 'name', name: 'Ana' }]);
  });

  it('takes the number of people from the gateway', () => {
    const page = new ClientHarness();
    page.gateway.welcome();
    page.gateway.receive({ type: 'people', count: 12 });
    assert.equal(page.client.people.count, 12);
  });
});

describe('chat client that is refused', () => {
  for (const why of ['full', 'crowded', 'foreign'] as const) {
    it(`reports the reason ${why}`, () => {
      const page = new ClientHarness();
      page.closeSocket(CLOSE[why]);
      assert.deepEqual(page.client.status, { name: 'offline', why });
      page.client.resume();
      page.closeSocket();
      assert.deepEqual(page.client.status, { name: 'offline' });
    });
  }

  it('keeps only the draft when the passphrase changes', async () => {
    const tab = new FakeTab();
    const page = new ClientHarness(tab);
    page.gateway.welcome({ head: 2 });
    page.receive(from(1, 'a'), mine(2, 'b', ME));
    page.client.setNickname('Ana');
    page.closeSocket();
    page.client.send('luego');
    page.client.setDraft('y más');
    page.client.resume();
    page.closeSocket(CLOSE.locked);
    assert.equal(page.client.status.name, 'locked');
    assert.deepEqual(page.messages, []);
    assert.equal(page.client.people.count, undefined);
    page.client.suspend();
    assert.deepEqual(JSON.parse(tab.stored ?? ''), { names: [], nickname: '', draft: '', says: [] });
    await page.client.login.submit('sésamo');
    page.gateway.welcome({ head: 2, me: 'me-2' });
    assert.deepEqual(page.hello, { type: 'hello' });
    assert.deepEqual(page.gateway.sentOfType('say'), []);
    assert.equal(page.client.draft, 'luego\ny más');
    assert.equal(page.client.nickname, 'Ana');
    assert.equal(page.client.login.state, 'asked');
    page.receive(from(1, 'a'), mine(2, 'b', ME));
    assert.deepEqual(page.messages, ['ana: a', `${YOU}: b`]);
  });

  it('returns no logged message to the draft when the passphrase changes', () => {
    const page = new ClientHarness();
    page.gateway.welcome();
    page.client.send('ya dicho');
    page.client.send('quizá no');
    page.receive(mine(1, 'ya dicho', page.gateway.sentOfType('say')[0]?.id));
    page.closeSocket(CLOSE.locked);
    assert.equal(page.client.draft, 'quizá no');
  });

  it('shows nothing of the old passphrase in a page opened after the change', async () => {
    const tab = new FakeTab();
    const before = new ClientHarness(tab);
    before.gateway.welcome();
    before.client.setNickname('Ana');
    before.closeSocket();
    before.client.send('luego');
    before.client.setDraft('y más');
    before.client.suspend();
    const page = new ClientHarness(tab);
    assert.equal(page.client.draft, 'y más');
    page.closeSocket(CLOSE.locked);
    assert.doesNotMatch(tab.stored ?? '', /Ana|luego|más|session/);
    await page.client.login.submit('sésamo');
    page.gateway.welcome();
    assert.deepEqual([page.client.draft, page.client.nickname], ['', '']);
    assert.deepEqual(page.hello, { type: 'hello' });
    assert.deepEqual(page.messages, []);
  });

  it('joins when another tab has entered the passphrase, also during its own refusal', () => {
    const page = new ClientHarness();
    page.closeSocket(CLOSE.locked);
    page.client.onTokenChanged();
    assert.equal(page.network.sockets.length, 1);
    page.token = 'new';
    page.client.onTokenChanged();
    assert.equal(page.network.sockets.length, 2);
    page.closeSocket(CLOSE.locked);
    assert.equal(page.network.sockets.length, 3);
    page.gateway.welcome();
    assert.equal(page.client.status.name, 'here');
  });

  it('reports a blocked WebSocket while HTTP works', async () => {
    const page = new ClientHarness();
    page.isBlocked = true;
    page.closeSocket();
    await answersProcessed();
    assert.deepEqual(page.client.status, { name: 'offline', why: 'blocked' });
    page.client.resume();
    page.isBlocked = false;
    page.closeSocket();
    assert.deepEqual(page.client.status, { name: 'offline', why: 'blocked' });
    await answersProcessed();
    assert.deepEqual(page.client.status, { name: 'offline' });
    page.client.resume();
    page.gateway.welcome();
    assert.equal(page.client.status.name, 'here');
    page.closeSocket();
    await answersProcessed();
    assert.deepEqual(page.client.status, { name: 'offline' });
    page.isBlocked = true;
    page.client.resume();
    page.closeSocket(CLOSE.foreign);
    await answersProcessed();
    assert.deepEqual(page.client.status, { name: 'offline', why: 'foreign' });
  });

  it('retries when it becomes visible, because another tab may have logged in', () => {
    const page = new ClientHarness();
    page.closeSocket(CLOSE.locked);
    page.client.resume();
    page.gateway.welcome();
    assert.equal(page.client.status.name, 'here');
  });
});
