/**
 * Runs the acts of the hosts: changes the rules of the room, keeps them on disk, and reports them to all clients.
 *
 *     act of a host ---> rules ---> disk
 *                          `------> `hidden` or `shown`, then `moderation` to each client
 *
 * In a cluster the rules go to all gateways first (`cluster/shared-rules.ts`), and come into force from there.
 *
 * A page that reconnects names the revision it knows, and gets what was changed since.
 */
import type { Subscriber } from '../../downstream/subscriber.ts';
import type { AccessLog, HostAct } from '../../ops/access-log.ts';
import type { ErrorCode, ServerMessage } from '../../protocol.ts';
import type { Session } from '../../session/session.ts';
import type { HiddenMark } from '../../transcript/moderation-store.ts';
import type { Transcript } from '../../transcript/transcript.ts';
import { changeRules, type HostMessage, type HostRules } from './host-rules.ts';

export interface ModerationOptions {
  /** ROOM_TITLE. */
  title: string;
  /** HOST_CODE is set. */
  hasHosts: boolean;
  /** LAB is set. */
  hasLab: boolean;
}

/** Changes the rules at all gateways of a cluster. */
export interface RulesSharing {
  /** `change` runs again if another gateway has changed the rules meanwhile. */
  change(
    change: (rules: HostRules) => HostRules | ErrorCode | undefined,
    onDone: (refusal: ErrorCode | undefined) => void,
  ): void;
}

export interface ModerationParts {
  transcript: Transcript;
  accessLog: AccessLog;
  /** The secret id of each session, and the session. */
  sessions: ReadonlyMap<string, Session>;
  /** Everybody in the room, once for each session. */
  people(): Iterable<{ publicId: string; isHost: boolean }>;
  /** Undefined for one gateway alone. */
  sharing(): RulesSharing | undefined;
  /** The list of people has changed. */
  onChange(): void;
  /** A message is hidden. `address`: that of a terminal, whose nickname may come from the message. */
  onHidden(root: number, address: string | undefined): void;
}

interface Silence {
  /** ms since 1970 */
  until: number;
  /** Its end by the monotonic clock of this gateway, ms. */
  end: number;
}

/** How soon a failed write is retried, ms. */
const RETRY_AFTER_MS = 1_000;

/** Most text in one `shown`, characters. The rest of such a long message returns with a reload. */
const SHOWN_CHARACTERS = 64 * 1024;

export class Moderation {
  readonly hasHosts: boolean;
  readonly hasLab: boolean;
  readonly #parts: ModerationParts;
  readonly #title: string;
  #rules: HostRules;
  /** Acts that are not on disk yet. */
  readonly #unsaved = new Map<number, HiddenMark>();
  #retryTimer: NodeJS.Timeout | undefined;
  /** By the public id of the person. */
  readonly #silences = new Map<string, Silence>();

  constructor(parts: ModerationParts, { title, hasHosts, hasLab }: ModerationOptions) {
    this.#parts = parts;
    this.#title = title;
    this.hasHosts = hasHosts;
    this.hasLab = hasLab;
    const { settings, marks } = parts.transcript.moderationStore;
    this.#rules = {
      settings,
      marks: new Map(marks.map((mark) => [mark.root, mark])),
      marksFrom: 0,
      silences: new Map(),
    };
  }

  get rules(): HostRules {
    return this.#rules;
  }

  get isPaused(): boolean {
    return this.#rules.settings.paused;
  }

  get state(): ServerMessage & { type: 'moderation' } {
    const { settings } = this.#rules;
    const { title } = settings;
    return { type: 'moderation', ...settings, title: title === '' ? this.#title : title };
  }

  silencedSeconds(publicId: string): number {
    const { end = 0 } = this.#silences.get(publicId) ?? {};
    return Math.max(0, Math.ceil((end - performance.now()) / 1000));
  }

  /** Sends the state, and the messages that were hidden or shown after `revision`. */
  welcome(subscriber: Subscriber, revision: number | undefined): void {
    if (revision !== undefined) {
      const changed = [...this.#rules.marks.values()].filter((mark) => mark.revision > revision);
      const hidden = changed.filter(({ isHidden }) => isHidden).map(({ root }) => root);
      if (hidden.length > 0) subscriber.send({ type: 'hidden', seqs: hidden });
      for (const { root, isHidden } of changed) if (!isHidden) subscriber.send(this.#shown(root));
    }
    subscriber.send(this.state);
  }

  /** Returns the reason why the act is refused. `onRefused`: another gateway was faster. */
  act(host: Session, message: HostMessage, onRefused: (code: ErrorCode) => void): ErrorCode | undefined {
    if (!host.isHost) return 'hosts-only';
    const { transcript, people, sharing, accessLog } = this.#parts;
    const { messages } = transcript;
    const rootOf = (seq: number) => messages.rootOf(seq);
    const textOf = (root: number) =>
      messages
        .entriesOf(root)
        .map(({ text }) => text)
        .join('');
    const context = () => ({ tail: transcript.tail, now: Date.now(), rootOf, textOf, people });
    const change = (rules: HostRules) => changeRules(rules, message, context());
    const next = change(this.#rules);
    if (next === undefined || typeof next === 'string') return next;
    const act = describe(message, { rootOf });
    const onDone = (refusal: ErrorCode | undefined) => {
      if (refusal) onRefused(refusal);
      else accessLog.moderated(host, act);
    };
    const shared = sharing();
    if (shared) shared.change(change, onDone);
    else {
      this.adopt(next);
      onDone(undefined);
    }
    return undefined;
  }

  /** Puts rules into force, and reports what they change. */
  adopt(next: HostRules): void {
    const before = this.#rules;
    this.#rules = next;
    const { settings, marks } = next;
    for (const mark of marks.values())
      if (before.marks.get(mark.root)?.revision !== mark.revision || this.#isLost(mark)) this.#mark(mark);
    const { revision } = settings;
    for (const { root } of before.marks.values())
      if (!marks.has(root) && root >= next.marksFrom) this.#mark({ root, isHidden: false, revision });
    this.#silence(next.silences);
    if (revision === before.settings.revision) return;
    const { transcript } = this.#parts;
    transcript.messages.forgetHidden(transcript.tail);
    this.#save();
    this.#broadcast(this.state);
  }

  close(): void {
    clearTimeout(this.#retryTimer);
    this.#save();
    clearTimeout(this.#retryTimer);
  }

  /** The copy of a shared log began again without the mark. */
  #isLost({ root, isHidden }: HiddenMark): boolean {
    const { transcript } = this.#parts;
    return root >= transcript.tail && transcript.messages.isHidden(root) !== isHidden;
  }

  #mark(mark: HiddenMark): void {
    const { onHidden, transcript } = this.#parts;
    const { messages } = transcript;
    const { root, isHidden } = mark;
    this.#unsaved.set(root, mark);
    if (messages.isHidden(root) === isHidden) return;
    if (isHidden) messages.hide(root);
    else messages.show(root);
    this.#broadcast(isHidden ? { type: 'hidden', seqs: [root] } : this.#shown(root));
    const [first] = messages.entriesOf(root);
    if (isHidden) onHidden(root, first && !first.said ? first.from : undefined);
  }

  /** Reports silences that begin, have another end, or end early. */
  #silence(next: HostRules['silences']): void {
    const before = new Map(this.#silences);
    const untouched = [...before].filter(([who, { until }]) => next.get(who) === until);
    const lifted = [...before.keys()].filter((who) => !next.has(who) && this.silencedSeconds(who) > 0);
    this.#silences.clear();
    for (const [who, silence] of untouched) this.#silences.set(who, silence);
    const begun = [...next].filter(([who]) => !this.#silences.has(who));
    for (const [who, until] of begun)
      this.#silences.set(who, { until, end: performance.now() + until - Date.now() });
    const changed = new Set([...lifted, ...begun.map(([who]) => who)]);
    if (changed.size === 0) return;
    for (const { publicId, subscriber } of this.#parts.sessions.values())
      if (changed.has(publicId))
        subscriber?.send({ type: 'silenced', seconds: this.silencedSeconds(publicId) });
    this.#parts.onChange();
  }

  #broadcast(message: ServerMessage): void {
    for (const { subscriber } of this.#parts.sessions.values()) subscriber?.send(message);
  }

  #shown(root: number): ServerMessage {
    let characters = 0;
    const messages = this.#parts.transcript.messages.entriesOf(root).filter(({ text }, index) => {
      characters += text.length;
      return index === 0 || characters <= SHOWN_CHARACTERS;
    });
    return { type: 'shown', messages };
  }

  /** The acts are in force at once. A disk that fails gets them later. */
  #save(): void {
    const { transcript } = this.#parts;
    clearTimeout(this.#retryTimer);
    try {
      transcript.moderationStore.write(this.#rules.settings, this.#unsaved.values(), transcript.tail);
      this.#unsaved.clear();
    } catch {
      this.#retryTimer = setTimeout(() => this.#save(), RETRY_AFTER_MS);
    }
  }
}

function describe(message: HostMessage, { rootOf }: { rootOf(seq: number): number | undefined }): HostAct {
  switch (message.type) {
    case 'hide':
      return { act: message.hidden ? 'hide' : 'show', seq: rootOf(message.seq) ?? message.seq };
    case 'silence':
      return { act: 'silence', who: message.who, seconds: message.seconds };
    case 'pause':
      return { act: message.paused ? 'pause' : 'resume' };
    case 'pin':
    case 'title':
      return { act: message.type, characters: message.text.length };
    default:
      return message satisfies never;
  }
}
