import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CLOSE, type Entry } from '../../../gateway/protocol.ts';
import { ChatClient, LEAVE_FLUSH_MS } from '../../../web/client/chat-client.ts';
import { LIVE_MAX_MESSAGES } from '../../../web/timeline/history.ts';
import { TRIM_BATCH_MESSAGES } from '../../../web/timeline/log-segment.ts';
import { GROUP_PAUSE_MS, type Row } from '../../../web/timeline/rows.ts';
import { RESUME_MESSAGES } from '../../../web/timeline/timeline.ts';
import { answersTaken, entry, FakeArchive, FakeNetwork, ME, ownEntry, welcome, YOU } from '../fakes.ts';

const LOST = 1006;

/** What a tab keeps between reloads. */
class Tab {
  kept: string | null = null;
  refuses = false;

  readonly store = {
    read: () => this.#allow(this.kept),
    write: (value: string) => {
      this.kept = this.#allow(value);
    },
  };

  #allow<T>(value: T): T {
    if (this.refuses) throw new DOMException('Storage is refused', 'SecurityError');
    return value;
  }
}

class Page {
  readonly network = new FakeNetwork();
  readonly archive = new FakeArchive();
  readonly visit: ChatClient;
  changes = 0;
  /** What was told to be new, with a mark if it mentions this page. */
  readonly arrived: string[] = [];
  static ids = 0;
  token: string | undefined;
  /** The gateway answers, its WebSocket does not. */
  isBlocked = false;

  constructor(tab = new Tab()) {
    this.visit = new ChatClient({
      changed: () => this.changes++,
      ...this.network.effects,
      fetchJson: this.archive.ask,
      postCode: async () => {
        this.token = 'new';
        return 200;
      },
      hasToken: () => this.token !== undefined,
      isBlocked: async () => this.isBlocked,
      newId: () => `id-${++Page.ids}`,
      wallClockMs: () => this.network.clock.now,
      store: tab.store,
      onArrival: ({ text }, isMention) => this.arrived.push(isMention ? `${text} !` : text),
      warn: () => {},
    });
    this.visit.join();
  }

  get gateway() {
    return this.network.socket;
  }

  get shown(): string[] {
    return this.visit.timeline.rows.map(describeLine);
  }

  /** Only what people said. */
  get words(): string[] {
    return this.shown.filter((line) => line.includes(': '));
  }

  tell(...messages: Entry[]): void {
    this.gateway.tell({ type: 'messages', messages });
  }

  lose(code = LOST): void {
    this.gateway.closeWith(code);
  }

  comeBack(fields: Parameters<typeof this.gateway.welcome>[0] = {}): void {
    if (this.visit.status.name === 'left') this.visit.join();
    else this.visit.resume();
    this.gateway.welcome(fields);
  }
}

function describeLine(line: Row): string {
  switch (line.kind) {
    case 'day':
      return '--';
    case 'unread':
      return '==';
    case 'message':
      return `${line.message.mine ? 'me' : line.message.from}: ${line.message.text}`;
    case 'say':
      return `${line.say.state}: ${line.say.text}`;
    case 'missing':
      return 'missing';
    case 'note':
      if (line.note.kind === 'notice') return `${line.leads ? 'server' : '    ..'}: ${line.note.text}`;
      return line.note.kind === 'event' ? line.note.event.name : line.note.kind;
  }
}

const mine = (seq: number, text: string, id = 'another') => ownEntry(seq, text, id);
const from = (seq: number, text: string) => entry(seq, text, { from: 'ana' });

describe('chat client', () => {
  it('is in the room after the welcome', () => {
    const page = new Page();
    assert.deepEqual(page.visit.status, { name: 'entering' });
    page.gateway.welcome();
    assert.deepEqual(page.visit.status, { name: 'here', you: YOU });
    assert.deepEqual(page.shown, ['joined']);
  });

  it('reports a failing disk once, across a reconnect, and once that it works again', () => {
    const page = new Page();
    page.gateway.welcome();
    page.gateway.tell({ type: 'disk', state: 'failing' });
    page.lose();
    page.comeBack({ disk: 'failing' });
    assert.deepEqual(page.shown, ['joined', 'unsaved', 'back']);
    page.gateway.tell({ type: 'disk', state: 'working' });
    page.lose();
    page.comeBack();
    assert.deepEqual(page.shown, ['joined', 'unsaved', 'back', 'saved', 'back']);
  });

  it('reports the address that floods', () => {
    const page = new Page();
    page.gateway.welcome();
    for (let i = 0; i < 3; i++) page.gateway.tell({ type: 'flood', from: '10.0.0.7:4000' });
    assert.deepEqual(page.shown, ['joined', 'flood']);
  });

  it('does not show an empty room before the welcome', () => {
    const page = new Page();
    page.lose();
    assert.equal(page.visit.timeline.isCatchingUp, true);
    page.comeBack();
    assert.equal(page.visit.timeline.isCatchingUp, false);
  });

  it('joins after the messages before it', () => {
    const page = new Page();
    page.gateway.welcome({ head: 2 });
    assert.equal(page.visit.timeline.isCatchingUp, true);
    page.tell(from(1, 'a'), from(2, 'b'));
    assert.equal(page.visit.timeline.isCatchingUp, false);
    assert.deepEqual(page.shown, ['--', 'ana: a', 'ana: b', 'joined']);
  });

  it('shows an own message at once, and in the log after its echo', () => {
    const page = new Page();
    page.gateway.welcome();
    page.visit.send('hola');
    assert.deepEqual(page.words, ['sending: hola']);
    const [{ id } = { id: '' }] = page.gateway.of('say');
    page.tell(mine(1, 'hola', id));
    assert.deepEqual(page.words, ['me: hola']);
    page.gateway.tell({ type: 'receipt', id, state: 'heard', seq: 1 });
    assert.deepEqual(page.words, ['me: hola']);
  });

  it('shows an own message once, even if the receipt comes before the log', () => {
    const page = new Page();
    page.gateway.welcome();
    page.visit.send('hola');
    const [{ id } = { id: '' }] = page.gateway.of('say');
    page.gateway.tell({ type: 'receipt', id, state: 'heard', seq: 1 });
    assert.deepEqual(page.words, ['heard: hola']);
    page.tell(mine(1, 'hola', id));
    assert.deepEqual(page.words, ['me: hola']);
  });

  it('sends each line as a message with the nickname, without blank lines', () => {
    const page = new Page();
    page.gateway.welcome();
    page.visit.setNickname('Ana');
    page.visit.send('uno\n\n  \ndos ');
    const texts = page.gateway.of('say').map(({ text }) => text);
    assert.deepEqual(texts, ['<Ana> uno', '<Ana> dos']);
  });

  it('rejects an invalid nickname', () => {
    const page = new Page();
    page.visit.setNickname('Ana');
    page.visit.setNickname('<Ana>');
    assert.equal(page.visit.nickname, 'Ana');
  });

  it('holds messages while offline and sends them after the reconnect', () => {
    const page = new Page();
    page.gateway.welcome();
    page.lose();
    page.visit.send('hola');
    assert.deepEqual(page.visit.status, { name: 'offline' });
    assert.deepEqual(page.words, ['waiting: hola']);
    page.comeBack({ resumed: true });
    assert.equal(page.gateway.of('say')[0]?.text, 'hola');
  });

  it("reports trouble while the gateway can't read the room, and still sends", () => {
    const page = new Page();
    page.gateway.welcome();
    page.gateway.tell({ type: 'room', state: 'open', you: YOU, trouble: 'asks' });
    assert.deepEqual(page.visit.status, { name: 'here', you: YOU, trouble: 'asks' });
    page.visit.send('Ana');
    assert.equal(page.gateway.of('say')[0]?.text, 'Ana');
    page.gateway.tell({ type: 'room', state: 'open', you: YOU });
    assert.deepEqual(page.visit.status, { name: 'here', you: YOU });
  });

  it('holds messages while the room does not answer', () => {
    const page = new Page();
    page.gateway.welcome({ you: null });
    page.visit.send('hola');
    assert.deepEqual(page.visit.status, { name: 'roomless' });
    assert.deepEqual(page.gateway.of('say'), []);
    page.gateway.tell({ type: 'room', state: 'open', you: YOU });
    assert.deepEqual(page.visit.status, { name: 'here', you: YOU });
    assert.equal(page.gateway.of('say')[0]?.text, 'hola');
  });

  it('reconnects with its session and the last number it saw', () => {
    const page = new Page();
    page.gateway.welcome({ head: 1 });
    page.tell(from(1, 'a'));
    page.lose();
    page.comeBack({ head: 2, resumed: true });
    const hello = { type: 'hello', session: 'session-1', epoch: 'epoch-1', after: 1 };
    assert.deepEqual(page.gateway.of('hello'), [hello]);
    page.tell(from(2, 'b'));
    assert.deepEqual(page.shown, ['--', 'ana: a', 'joined', 'lost', '==', 'ana: b', 'back']);
  });

  it('resumes from the beginning of a silent room, also after a reload', () => {
    const tab = new Tab();
    const page = new Page(tab);
    page.gateway.welcome({ head: 0 });
    page.lose();
    page.comeBack({ resumed: true });
    assert.equal(page.gateway.of('hello')[0]?.after, 0);
    page.visit.suspend();
    const again = new Page(tab);
    again.gateway.open();
    assert.equal(again.gateway.of('hello')[0]?.after, 0);
    again.gateway.tell(welcome({ head: 9, tail: 8, recovered: false }));
    again.tell(from(8, 'a'), from(9, 'b'));
    assert.deepEqual(again.shown.slice(0, 1), ['missing']);
  });

  it('has caught up at once when the gateway sends no history', () => {
    const page = new Page();
    page.gateway.welcome({ head: 5, after: 5 });
    const { timeline } = page.visit;
    assert.equal(timeline.isCatchingUp, false);
    assert.equal(timeline.history.above, 'more');
    assert.deepEqual(page.shown, ['joined']);
    page.tell(from(6, 'f'));
    assert.deepEqual(page.shown, ['joined', '--', 'ana: f']);
    page.lose();
    page.comeBack({ head: 9, after: 9, recovered: false });
    assert.equal(timeline.isCatchingUp, false);
    page.tell(from(10, 'j'));
    assert.deepEqual(page.shown.slice(-3), ['back', 'missing', 'ana: j']);
  });

  it('resumes from before it joined when the connection was lost before any entry', () => {
    const page = new Page();
    page.gateway.welcome({ head: 1000 });
    page.lose();
    page.comeBack({ head: 1300, resumed: true });
    assert.equal(page.gateway.of('hello')[0]?.after, 1000 - RESUME_MESSAGES);
    page.tell(from(901, 'a'));
    assert.deepEqual(page.words, ['ana: a']);
  });

  it('reports a lost connection once, however many attempts follow', () => {
    const page = new Page();
    page.gateway.welcome();
    page.tell(from(1, 'a'));
    for (let i = 0; i < 3; i++) {
      page.lose();
      page.visit.resume();
    }
    assert.deepEqual(page.shown, ['joined', '--', 'ana: a', 'lost']);
  });

  it('reports no lost connection before it has joined', () => {
    const page = new Page();
    page.lose();
    assert.deepEqual(page.visit.status, { name: 'offline' });
    assert.deepEqual(page.shown, []);
  });

  it('starts another log when the epoch changes', () => {
    const page = new Page();
    page.gateway.welcome({ head: 1 });
    page.tell(from(1, 'a'));
    page.lose();
    page.visit.send('hola');
    page.comeBack({ epoch: 'epoch-2', head: 1 });
    page.tell(from(1, 'b'));
    assert.deepEqual(page.words, ['ana: b', 'sending: hola']);
  });

  it('marks messages of a lost session as unconfirmed until the log shows them', () => {
    const page = new Page();
    page.gateway.welcome();
    page.visit.send('hola');
    page.visit.send('adiós');
    const [{ id } = { id: '' }] = page.gateway.of('say');
    page.lose();
    page.comeBack({ session: 'session-2', me: 'me-2', you: '127.0.0.1:40002', head: 1 });
    assert.deepEqual(page.words, ['unconfirmed: hola', 'unconfirmed: adiós']);
    page.tell(mine(1, 'hola', id));
    assert.deepEqual(page.words, ['me: hola', 'unconfirmed: adiós']);
  });

  it('does not own messages of others under the same address', () => {
    const page = new Page();
    page.gateway.welcome();
    page.tell(entry(1, 'older', { from: YOU }), mine(2, 'ours'), entry(3, 'later', { from: YOU }));
    assert.deepEqual(page.words, [`${YOU}: older`, 'me: ours', `${YOU}: later`]);
  });

  it('owns the messages of all its sessions, also after a reload', () => {
    const tab = new Tab();
    const page = new Page(tab);
    page.gateway.welcome();
    page.lose();
    page.comeBack({ session: 'session-2', me: 'me-2', head: 2 });
    page.visit.suspend();
    const again = new Page(tab);
    again.gateway.welcome({ session: 'session-3', me: 'me-3', head: 2 });
    again.tell(mine(1, 'first'), entry(2, 'second', { said: { by: 'me-2', id: 'x', left: 0 } }));
    assert.deepEqual(again.words, ['me: first', 'me: second']);
  });

  it('marks a long message as unconfirmed when the log has only its beginning', () => {
    const page = new Page();
    page.gateway.welcome();
    page.visit.send('principio y fin');
    const [{ id } = { id: '' }] = page.gateway.of('say');
    page.tell(ownEntry(1, 'principio', id, {}, 1));
    assert.deepEqual(page.words, ['me: principio']);
    page.lose();
    page.comeBack({ session: 'session-2', me: 'me-2', head: 1 });
    assert.deepEqual(page.words, ['me: principio', 'unconfirmed: principio y fin']);
  });

  it('keeps settled messages in their place while the log grows', () => {
    const page = new Page();
    page.gateway.welcome();
    page.visit.send('hola');
    const [{ id } = { id: '' }] = page.gateway.of('say');
    page.gateway.tell({ type: 'receipt', id, state: 'unconfirmed' });
    page.tell(from(1, 'a'));
    page.visit.send('luego');
    assert.deepEqual(page.words, ['unconfirmed: hola', 'ana: a', 'sending: luego']);
  });

  it('keeps messages in the order in which they were settled', () => {
    const page = new Page();
    page.gateway.welcome();
    page.visit.send('uno\ndos');
    const [{ id: one } = { id: '' }, { id: two } = { id: '' }] = page.gateway.of('say');
    page.gateway.tell({ type: 'receipt', id: two, state: 'failed', reason: 'empty' });
    page.tell(from(1, 'a'));
    page.gateway.tell({ type: 'receipt', id: one, state: 'unconfirmed' });
    page.tell(from(2, 'b'));
    assert.deepEqual(page.words, ['failed: dos', 'ana: a', 'unconfirmed: uno', 'ana: b']);
  });

  it('sends its pending messages before it leaves', () => {
    const page = new Page();
    page.gateway.welcome();
    page.visit.send('adiós');
    page.visit.leave();
    assert.deepEqual(page.gateway.of('leave'), []);
    const [{ id } = { id: '' }] = page.gateway.of('say');
    page.gateway.tell({ type: 'receipt', id, state: 'heard', seq: 1 });
    assert.equal(page.gateway.of('leave').length, 1);
  });

  it('leaves without a receipt after LEAVE_FLUSH_MS', () => {
    const page = new Page();
    page.gateway.welcome();
    page.visit.send('adiós');
    page.visit.leave();
    page.network.clock.pass(LEAVE_FLUSH_MS);
    assert.equal(page.gateway.of('leave').length, 1);
    page.lose(CLOSE.left);
    assert.deepEqual(page.words, ['unconfirmed: adiós']);
  });

  it('does not reconnect when the connection is lost while it leaves', () => {
    const page = new Page();
    page.gateway.welcome();
    page.visit.send('adiós');
    page.visit.leave();
    page.lose();
    page.network.clock.pass(60_000);
    assert.equal(page.network.sockets.length, 1);
  });

  it('rejoins in a new session, without reading the log again', () => {
    const page = new Page();
    page.gateway.welcome({ head: 1 });
    page.tell(from(1, 'a'));
    page.visit.leave();
    page.lose(CLOSE.left);
    page.comeBack({ session: 'session-2', head: 1 });
    assert.deepEqual(page.gateway.of('hello'), [{ type: 'hello', epoch: 'epoch-1', after: 1 }]);
    assert.deepEqual(page.shown, ['--', 'ana: a', 'joined', 'left', 'joined']);
  });

  it('can rejoin before its last messages were delivered', () => {
    const page = new Page();
    page.gateway.welcome();
    page.visit.send('adiós');
    page.visit.leave();
    page.comeBack({ session: 'session-2' });
    assert.equal(page.network.sockets[0]?.of('leave').length, 1);
    assert.deepEqual(page.visit.status, { name: 'here', you: YOU });
  });

  it('leaves when the gateway closes with CLOSE.left', () => {
    const page = new Page();
    page.gateway.welcome();
    page.lose(CLOSE.left);
    assert.deepEqual(page.visit.status, { name: 'left' });
  });

  it('joins in a new session when another tab took its own, and repeats no message', () => {
    const page = new Page();
    page.gateway.welcome();
    page.visit.send('a\nb\nc');
    page.lose(CLOSE.replaced);
    page.comeBack({ session: 'session-2' });
    assert.equal(page.gateway.of('hello')[0]?.session, undefined);
    assert.deepEqual(page.gateway.of('say'), []);
    assert.deepEqual(page.words, ['unconfirmed: a', 'unconfirmed: b', 'unconfirmed: c']);
  });

  it('restores session, messages, nickname, draft and log position after a reload', () => {
    const tab = new Tab();
    const before = new Page(tab);
    before.gateway.welcome({ head: 500 });
    before.tell(entry(500, 'a'));
    before.visit.setNickname('Ana');
    before.visit.send('hola');
    before.visit.setDraft('a medias');
    before.visit.suspend();

    const after = new Page(tab);
    after.gateway.welcome({ head: 500, resumed: true });
    const hello = { type: 'hello', session: 'session-1', epoch: 'epoch-1', after: 500 - RESUME_MESSAGES };
    assert.deepEqual(after.gateway.of('hello'), [hello]);
    assert.deepEqual(after.gateway.of('say'), before.gateway.of('say'));
    assert.equal(after.visit.nickname, 'Ana');
    assert.equal(after.visit.draft, 'a medias');
  });

  /** A server that answers each browser alone, as the tutorial's first ones do. */
  const answer = (page: Page, id: string, text: string) => {
    page.gateway.tell({ type: 'notice', text, answers: id });
    page.gateway.tell({ type: 'receipt', id, state: 'heard' });
  };

  it('shows a private answer under its message, also after a reload', () => {
    const tab = new Tab();
    const page = new Page(tab);
    page.gateway.welcome({ limits: { textBytes: 32_000, openSays: 32 } });
    page.gateway.tell({ type: 'notice', text: 'Welcome' });
    page.visit.send('uno\ndos\ntres');
    const ids = page.gateway.of('say').map(({ id }) => id);
    for (const [index, id] of ids.slice(0, 2).entries()) answer(page, id, `OK ${index}`);
    page.gateway.tell({ type: 'notice', text: 'O', answers: ids[2] ?? '' });
    page.gateway.tell({ type: 'notice', text: 'K 2', answers: ids[2] ?? '', continues: true });
    const shown = ['server: Welcome', 'heard: uno', 'server: OK 0', 'heard: dos', 'server: OK 1'];
    assert.deepEqual(page.shown.slice(2), [...shown, 'sending: tres', 'server: OK 2']);
    page.gateway.tell({ type: 'receipt', id: ids[2] ?? '', state: 'heard' });
    page.visit.suspend();

    const again = new Page(tab);
    again.gateway.welcome({ resumed: true });
    assert.deepEqual(
      again.shown.filter((line) => line.includes(': ')),
      [...shown, 'heard: tres', 'server: OK 2'],
    );
    again.visit.send('cuatro');
    answer(again, again.gateway.of('say').at(-1)?.id ?? '', 'OK 3');
    assert.deepEqual(again.shown.slice(-2), ['heard: cuatro', 'server: OK 3']);
  });

  it('shows private answers under messages of the log', () => {
    const page = new Page();
    page.gateway.welcome();
    page.visit.send('uno');
    page.visit.send('dos');
    const [uno = '', dos = ''] = page.gateway.of('say').map(({ id }) => id);
    page.gateway.tell({ type: 'notice', text: 'OK 1', answers: uno });
    page.tell(mine(1, 'uno', uno), from(2, 'hola'));
    page.gateway.tell({ type: 'receipt', id: uno, state: 'heard', seq: 1 });
    page.tell(mine(3, 'dos', dos), from(4, 'adiós'));
    page.gateway.tell({ type: 'receipt', id: dos, state: 'heard', seq: 3 });
    page.gateway.tell({ type: 'notice', text: 'OK 2', answers: dos });
    page.gateway.tell({ type: 'notice', text: 'bytes: 4', answers: dos });
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
    const page = new Page();
    page.gateway.welcome();
    for (const bytes of [1_000, 2_000]) page.gateway.tell({ type: 'notices-dropped', bytes });
    assert.deepEqual(page.shown.slice(1), ['dropped']);
  });

  it('works without storage, and with invalid stored data', () => {
    const refusing = new Tab();
    refusing.refuses = true;
    const nonsense = new Tab();
    nonsense.kept = '{"says":7}';
    const nowhere = new Tab();
    nowhere.kept = '{"epoch":"epoch-1","names":[],"nickname":"","draft":"","says":[],"place":null}';
    for (const tab of [refusing, nonsense, nowhere]) {
      const page = new Page(tab);
      page.gateway.welcome();
      page.visit.send('hola');
      assert.deepEqual(page.words, ['sending: hola']);
      assert.deepEqual(page.archive.asked, []);
    }
  });

  it('counts unseen messages, but neither history nor own messages', () => {
    const page = new Page();
    page.visit.setVisible(false);
    page.gateway.welcome({ head: 1 });
    page.tell(from(1, 'history'));
    page.tell(from(2, 'news'), mine(3, 'mine'), entry(4, 'more', { from: 'ana', continues: 2 }));
    assert.equal(page.visit.timeline.unread, 1);
    page.visit.setVisible(true);
    assert.equal(page.visit.timeline.unread, 0);
    page.visit.timeline.setVisibility({ atNewest: false });
    page.tell(from(5, 'news'));
    assert.equal(page.visit.timeline.unread, 1);
  });

  it('marks the first unread message until the person writes', () => {
    const page = new Page();
    page.gateway.welcome({ head: 1 });
    page.tell(from(1, 'history'), from(2, 'seen'));
    page.visit.setVisible(false);
    page.tell(mine(3, 'mine'), from(4, 'new'), from(5, 'newer'));
    const unread = ['--', 'ana: history', 'ana: seen', 'joined', 'me: mine', '==', 'ana: new', 'ana: newer'];
    assert.deepEqual(page.shown, unread);
    page.visit.setVisible(true);
    page.tell(from(6, 'seen too'));
    assert.deepEqual(page.shown, [...unread, 'ana: seen too']);
    page.visit.send('hola');
    assert.ok(!page.shown.includes('=='));
  });

  it('moves the unread mark to the next first unread message', () => {
    const page = new Page();
    page.gateway.welcome();
    for (const seq of [1, 3]) {
      page.visit.setVisible(false);
      page.tell(from(seq, 'new'));
      page.visit.setVisible(true);
      page.tell(from(seq + 1, 'seen'));
    }
    assert.deepEqual(page.shown, ['joined', '--', 'ana: new', 'ana: seen', '==', 'ana: new', 'ana: seen']);
  });

  it('marks messages sent while it was offline once, also after a reload', () => {
    const tab = new Tab();
    const page = new Page(tab);
    page.gateway.welcome({ head: 1 });
    page.tell(from(1, 'a'));
    page.visit.suspend();
    const again = new Page(tab);
    again.gateway.welcome({ head: 4, resumed: true });
    again.tell(from(1, 'a'), from(2, 'b'));
    again.tell(from(3, 'c'), from(4, 'd'), from(5, 'e'));
    assert.deepEqual(again.words, ['ana: a', 'ana: b', 'ana: c', 'ana: d', 'ana: e']);
    assert.deepEqual(again.shown.slice(0, 4), ['--', 'ana: a', '==', 'ana: b']);
    again.visit.suspend();
    const third = new Page(tab);
    third.gateway.welcome({ head: 5, resumed: true });
    third.tell(...[1, 2, 3, 4, 5].map((seq) => from(seq, 'x')));
    assert.equal(third.shown.indexOf('=='), 2);
  });

  it('evicts the oldest entries, but not while the reader is further up', () => {
    const page = new Page();
    page.gateway.welcome();
    page.visit.timeline.setVisibility({ atNewest: false });
    const most = LIVE_MAX_MESSAGES + TRIM_BATCH_MESSAGES;
    page.tell(...Array.from({ length: most }, (_, i) => from(i + 1, 'a')));
    assert.equal(page.words.length, most);
    page.visit.timeline.setVisibility({ atNewest: true });
    page.tell(from(most + 1, 'b'));
    assert.equal(page.words.length, LIVE_MAX_MESSAGES);
  });

  it('is not rendered for entries that a long catch-up will evict', () => {
    const page = new Page();
    page.gateway.welcome({ head: LIVE_MAX_MESSAGES + 2 });
    page.changes = 0;
    page.tell(from(1, 'a'));
    assert.equal(page.changes, 0);
    page.tell(from(2, 'b'));
    assert.equal(page.changes, 1);
    assert.deepEqual(page.words, ['ana: a', 'ana: b']);
  });

  it('is rendered while it catches up below the reader', () => {
    const page = new Page();
    page.gateway.welcome({ head: LIVE_MAX_MESSAGES + 2 });
    page.visit.timeline.setVisibility({ atNewest: false });
    page.changes = 0;
    page.tell(from(1, 'a'));
    assert.equal(page.changes, 1);
  });

  it('restores the reading position and the unread mark after a reload', async () => {
    const tab = new Tab();
    const before = new Page(tab);
    before.gateway.welcome({ head: 1000 });
    before.visit.timeline.setVisibility({ atNewest: false });
    before.visit.timeline.setPlace({ seq: 40, offset: -7 });
    before.tell(from(1000, 'history'), from(1001, 'news'));
    before.visit.suspend();

    const after = new Page(tab);
    after.archive.keep(1001);
    after.gateway.welcome({ head: 1001, resumed: true });
    after.tell(from(1000, 'history'), from(1001, 'news'), from(1002, 'news'));
    await answersTaken();
    assert.deepEqual(after.visit.timeline.history.target, { seq: 40, offset: -7, isFound: false });
    assert.equal(after.visit.timeline.history.isLive, false);
    assert.ok(after.words.includes(`${entry(40, '').from}: m40`));
    assert.equal(after.visit.timeline.unread, 2);
  });

  it("is at the newest after a reload when the reading position can't be loaded", async () => {
    const tab = new Tab();
    const before = new Page(tab);
    before.gateway.welcome({ head: 1 });
    before.visit.timeline.setPlace({ seq: 40, offset: 0 });
    before.visit.suspend();

    const after = new Page(tab);
    after.archive.fails = true;
    after.gateway.welcome({ head: 1000 });
    after.tell(from(1000, 'a'));
    await answersTaken();
    assert.equal(after.visit.timeline.history.isLive, true);
    after.tell(from(1001, 'b'));
    assert.equal(after.visit.timeline.unread, 0);
  });

  it('restores the reading position after a second reload during the first', () => {
    const tab = new Tab();
    const first = new Page(tab);
    first.gateway.welcome({ head: 1000 });
    first.visit.timeline.setPlace({ seq: 40, offset: 0 });
    first.visit.suspend();
    const second = new Page(tab);
    second.visit.timeline.setPlace(undefined);
    second.visit.suspend();
    assert.match(tab.kept ?? '', /"place":\{"seq":40/);
  });

  it('confirms unconfirmed messages from loaded history', async () => {
    const page = new Page();
    page.gateway.welcome({ head: 300 });
    page.tell(from(300, 'a'));
    page.visit.send('hola');
    const [{ id } = { id: '' }] = page.gateway.of('say');
    page.archive.entries = [mine(301, 'hola', id), ...page.archive.keep(700, 302).entries];
    page.lose();
    page.comeBack({ session: 'session-2', head: 700, recovered: false });
    page.tell(from(700, 'b'));
    assert.ok(page.words.includes('unconfirmed: hola'));
    const hole = page.visit.timeline.rows.find((line) => line.kind === 'missing');
    assert.ok(hole?.kind === 'missing');
    await page.visit.timeline.history.loadMissing(hole.missing);
    assert.ok(page.words.includes('me: hola'));
    assert.ok(!page.words.includes('unconfirmed: hola'));
  });

  it('shows local items and pending messages only at the newest', async () => {
    const page = new Page();
    page.archive.keep(1000);
    page.gateway.welcome({ head: 1000 });
    page.tell(from(1000, 'a'));
    page.lose();
    page.visit.send('hola');
    await page.visit.timeline.history.goTo({ seq: 500, isFound: true });
    assert.deepEqual(
      page.shown.filter((line) => !line.includes(': m')),
      ['--'],
    );
    page.visit.timeline.history.showNewest();
    assert.deepEqual(page.shown, ['--', 'ana: a', 'joined', 'lost', 'waiting: hola']);
  });

  it('returns the lines that do not fit into the outbox', () => {
    const page = new Page();
    const lines = Array.from({ length: 600 }, (_, i) => `line ${i}`);
    assert.deepEqual(page.visit.send(lines.join('\n')).split('\n'), lines.slice(500));
  });

  it('shows the speaker once per group of messages', () => {
    const page = new Page();
    page.gateway.welcome({ head: 5 });
    const later = { from: 'eva', at: 3000 + GROUP_PAUSE_MS + 1 };
    page.tell(from(1, 'a'), from(2, 'b'), entry(3, 'c', { from: 'eva' }), entry(4, 'd', later));
    const leads = page.visit.timeline.rows.flatMap((line) => ('leads' in line ? [line.leads] : []));
    assert.deepEqual(leads, [true, false, true, true]);
  });

  it('reports messages of others once it has caught up, but no history and no own ones', () => {
    const page = new Page();
    page.gateway.welcome({ head: 2 });
    page.tell(from(1, 'a'), from(2, 'b'), from(3, 'c'), ownEntry(4, 'mine', 'id-0'));
    assert.deepEqual(page.arrived, ['c']);
    page.lose();
    page.comeBack({ head: 6, recovered: true });
    page.tell(from(5, 'd'), from(6, 'e'), from(7, 'f'));
    assert.deepEqual(page.arrived, ['c', 'f']);
  });

  it('reports mentions of its current name', () => {
    const tab = new Tab();
    const page = new Page(tab);
    page.gateway.welcome();
    page.tell(from(1, 'hola, José'));
    page.visit.setNickname('José');
    page.tell(from(2, 'hola, jose'), from(3, `hola, ${YOU}`));
    assert.deepEqual(page.arrived, ['hola, José', 'hola, jose !', `hola, ${YOU} !`]);
    const again = new Page(tab);
    assert.ok(again.visit.timeline.mentions.matches('@José'));
  });

  it('sends the nickname after each join and each change', () => {
    const page = new Page();
    page.gateway.welcome();
    page.visit.setNickname('Ana');
    assert.deepEqual(page.gateway.of('name'), [
      { type: 'name', name: '' },
      { type: 'name', name: 'Ana' },
    ]);
    page.lose();
    page.comeBack();
    assert.deepEqual(page.gateway.of('name'), [{ type: 'name', name: 'Ana' }]);
  });

  it('takes the number of people from the gateway', () => {
    const page = new Page();
    page.gateway.welcome();
    page.gateway.tell({ type: 'people', count: 12 });
    assert.equal(page.visit.people.count, 12);
  });
});

describe('chat client that is refused', () => {
  for (const why of ['full', 'crowded', 'foreign'] as const) {
    it(`reports the reason ${why}`, () => {
      const page = new Page();
      page.lose(CLOSE[why]);
      assert.deepEqual(page.visit.status, { name: 'offline', why });
      page.visit.resume();
      page.lose();
      assert.deepEqual(page.visit.status, { name: 'offline' });
    });
  }

  it('keeps only the draft when the passphrase changes', async () => {
    const tab = new Tab();
    const page = new Page(tab);
    page.gateway.welcome({ head: 2 });
    page.tell(from(1, 'a'), mine(2, 'b', ME));
    page.visit.setNickname('Ana');
    page.lose();
    page.visit.send('luego');
    page.visit.setDraft('y más');
    page.visit.resume();
    page.lose(CLOSE.locked);
    assert.equal(page.visit.status.name, 'locked');
    assert.deepEqual(page.words, []);
    assert.equal(page.visit.people.count, undefined);
    page.visit.suspend();
    assert.deepEqual(JSON.parse(tab.kept ?? ''), { names: [], nickname: '', draft: '', says: [] });
    await page.visit.login.submit('sésamo');
    page.gateway.welcome({ head: 2, me: 'me-2' });
    assert.deepEqual(page.gateway.of('hello'), [{ type: 'hello' }]);
    assert.deepEqual(page.gateway.of('say'), []);
    assert.equal(page.visit.draft, 'luego\ny más');
    assert.equal(page.visit.nickname, 'Ana');
    assert.equal(page.visit.login.state, 'asked');
    page.tell(from(1, 'a'), mine(2, 'b', ME));
    assert.deepEqual(page.words, ['ana: a', `${YOU}: b`]);
  });

  it('returns no logged message to the draft when the passphrase changes', () => {
    const page = new Page();
    page.gateway.welcome();
    page.visit.send('ya dicho');
    page.visit.send('quizá no');
    page.tell(mine(1, 'ya dicho', page.gateway.of('say')[0]?.id));
    page.lose(CLOSE.locked);
    assert.equal(page.visit.draft, 'quizá no');
  });

  it('shows nothing of the old passphrase in a page opened after the change', async () => {
    const tab = new Tab();
    const before = new Page(tab);
    before.gateway.welcome();
    before.visit.setNickname('Ana');
    before.lose();
    before.visit.send('luego');
    before.visit.setDraft('y más');
    before.visit.suspend();
    const page = new Page(tab);
    assert.equal(page.visit.draft, 'y más');
    page.lose(CLOSE.locked);
    assert.doesNotMatch(tab.kept ?? '', /Ana|luego|más|session/);
    await page.visit.login.submit('sésamo');
    page.gateway.welcome();
    assert.deepEqual([page.visit.draft, page.visit.nickname], ['', '']);
    assert.deepEqual(page.gateway.of('hello'), [{ type: 'hello' }]);
    assert.deepEqual(page.words, []);
  });

  it('joins when another tab has entered the passphrase, also during its own refusal', () => {
    const page = new Page();
    page.lose(CLOSE.locked);
    page.visit.onTokenChanged();
    assert.equal(page.network.sockets.length, 1);
    page.token = 'new';
    page.visit.onTokenChanged();
    assert.equal(page.network.sockets.length, 2);
    page.lose(CLOSE.locked);
    assert.equal(page.network.sockets.length, 3);
    page.gateway.welcome();
    assert.equal(page.visit.status.name, 'here');
  });

  it('reports a blocked WebSocket while HTTP works', async () => {
    const page = new Page();
    page.isBlocked = true;
    page.lose();
    await answersTaken();
    assert.deepEqual(page.visit.status, { name: 'offline', why: 'blocked' });
    page.visit.resume();
    page.isBlocked = false;
    page.lose();
    assert.deepEqual(page.visit.status, { name: 'offline', why: 'blocked' });
    await answersTaken();
    assert.deepEqual(page.visit.status, { name: 'offline' });
    page.visit.resume();
    page.gateway.welcome();
    assert.equal(page.visit.status.name, 'here');
    page.lose();
    await answersTaken();
    assert.deepEqual(page.visit.status, { name: 'offline' });
    page.isBlocked = true;
    page.visit.resume();
    page.lose(CLOSE.foreign);
    await answersTaken();
    assert.deepEqual(page.visit.status, { name: 'offline', why: 'foreign' });
  });

  it('retries when it becomes visible, because another tab may have logged in', () => {
    const page = new Page();
    page.lose(CLOSE.locked);
    page.visit.resume();
    page.gateway.welcome();
    assert.equal(page.visit.status.name, 'here');
  });
});
