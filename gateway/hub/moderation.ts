/**
 * Runs the acts of the hosts: changes the state of the room, keeps it on disk, and reports it to all clients.
 *
 *     act of a host ---> state, hidden messages ---> disk
 *                                  `---------------> `hidden` or `shown`, then `moderation` to each client
 *
 * A page that reconnects names the revision it knows, and gets what was changed since.
 */
import type { Subscriber } from '../downstream/subscriber.ts';
import type { AccessLog, HostAct } from '../ops/access-log.ts';
import type { ClientMessage, ErrorCode, ServerMessage } from '../protocol.ts';
import type { Session } from '../session/session.ts';
import { HIDDEN_MAX } from '../transcript/hidden-messages.ts';
import type { HiddenMark, HostSettings } from '../transcript/moderation-store.ts';
import type { Transcript } from '../transcript/transcript.ts';

export interface ModerationOptions {
  /** ROOM_TITLE. */
  title: string;
  /** HOST_CODE is set. */
  hasHosts: boolean;
  /** LAB is set. */
  hasLab: boolean;
}

export type HostMessage = Extract<ClientMessage, { type: 'hide' | 'silence' | 'pause' | 'pin' | 'title' }>;

export interface ModerationParts {
  transcript: Transcript;
  accessLog: AccessLog;
  /** The secret id of each session, and the session. */
  sessions: ReadonlyMap<string, Session>;
  /** The list of people has changed. */
  onChange(): void;
  /** A message is hidden. `address`: that of a terminal, whose nickname may come from the message. */
  onHidden(root: number, address: string | undefined): void;
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
  #settings: HostSettings;
  /** The last act on each message, oldest first. */
  readonly #marks: Map<number, HiddenMark>;
  /** Acts that are not on disk yet. */
  readonly #unsaved = new Map<number, HiddenMark>();
  #retryTimer: NodeJS.Timeout | undefined;
  /** End of each silence by the monotonic clock, ms, by the public id of the person. */
  readonly #silences = new Map<string, number>();

  constructor(parts: ModerationParts, { title, hasHosts, hasLab }: ModerationOptions) {
    this.#parts = parts;
    this.#title = title;
    this.hasHosts = hasHosts;
    this.hasLab = hasLab;
    const { settings, marks } = parts.transcript.moderationStore;
    this.#settings = settings;
    this.#marks = new Map(marks.map((mark) => [mark.root, mark]));
  }

  get isPaused(): boolean {
    return this.#settings.paused;
  }

  get state(): ServerMessage & { type: 'moderation' } {
    const { title } = this.#settings;
    return { type: 'moderation', ...this.#settings, title: title === '' ? this.#title : title };
  }

  silencedSeconds(publicId: string): number {
    const until = this.#silences.get(publicId);
    return until === undefined ? 0 : Math.max(0, Math.ceil((until - performance.now()) / 1000));
  }

  /** Sends the state, and the messages that were hidden or shown after `revision`. */
  welcome(subscriber: Subscriber, revision: number | undefined): void {
    if (revision !== undefined) {
      const changed = [...this.#marks.values()].filter((mark) => mark.revision > revision);
      const hidden = changed.filter(({ isHidden }) => isHidden).map(({ root }) => root);
      if (hidden.length > 0) subscriber.send({ type: 'hidden', seqs: hidden });
      for (const { root, isHidden } of changed) if (!isHidden) subscriber.send(this.#shown(root));
    }
    subscriber.send(this.state);
  }

  /** Returns the reason why the act is refused. */
  act(host: Session, message: HostMessage): ErrorCode | undefined {
    if (!host.isHost) return 'hosts-only';
    switch (message.type) {
      case 'hide':
        return this.#hide(host, message.seq, message.hidden);
      case 'silence':
        return this.#silence(host, message.who, message.seconds);
      case 'pause':
        this.#set({ paused: message.paused });
        this.#log(host, { act: message.paused ? 'pause' : 'resume' });
        return undefined;
      case 'pin':
        this.#set({ pinned: message.text });
        this.#log(host, { act: 'pin', characters: message.text.length });
        return undefined;
      case 'title':
        this.#set({ title: message.text });
        this.#log(host, { act: 'title', characters: message.text.length });
        return undefined;
      default:
        return message satisfies never;
    }
  }

  close(): void {
    clearTimeout(this.#retryTimer);
    this.#save();
    clearTimeout(this.#retryTimer);
  }

  #hide(host: Session, seq: number, isHidden: boolean): ErrorCode | undefined {
    const { transcript } = this.#parts;
    const root = transcript.rootOf(seq);
    if (root === undefined) return 'not-found';
    if (transcript.isHidden(root) === isHidden) return undefined;
    if (isHidden && transcript.countHidden() >= HIDDEN_MAX) return 'too-many';
    if (isHidden) transcript.hide(root);
    else transcript.show(root);
    const mark = { root, isHidden, revision: this.#settings.revision + 1 };
    this.#marks.delete(root);
    this.#marks.set(root, mark);
    this.#unsaved.set(root, mark);
    this.#broadcast(isHidden ? { type: 'hidden', seqs: [root] } : this.#shown(root));
    this.#set({});
    const [first] = transcript.entriesOf(root);
    if (isHidden) this.#parts.onHidden(root, first && !first.said ? first.from : undefined);
    this.#log(host, { act: isHidden ? 'hide' : 'show', seq: root });
    return undefined;
  }

  #silence(host: Session, who: string, seconds: number): ErrorCode | undefined {
    const sessions = [...this.#parts.sessions.values()].filter(({ publicId }) => publicId === who);
    if (sessions.length === 0 || sessions.some(({ isHost }) => isHost)) return 'not-found';
    for (const id of this.#silences.keys()) if (this.silencedSeconds(id) === 0) this.#silences.delete(id);
    this.#silences.set(who, performance.now() + 1000 * seconds);
    for (const { subscriber } of sessions) subscriber?.send({ type: 'silenced', seconds });
    this.#parts.onChange();
    this.#log(host, { act: 'silence', who, seconds });
    return undefined;
  }

  #set(change: Partial<HostSettings>): void {
    this.#settings = { ...this.#settings, ...change, revision: this.#settings.revision + 1 };
    this.#save();
    this.#broadcast(this.state);
  }

  #broadcast(message: ServerMessage): void {
    for (const { subscriber } of this.#parts.sessions.values()) subscriber?.send(message);
  }

  #shown(root: number): ServerMessage {
    let characters = 0;
    const messages = this.#parts.transcript.entriesOf(root).filter(({ text }, index) => {
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
      transcript.moderationStore.write(this.#settings, this.#unsaved.values(), transcript.tail);
      this.#unsaved.clear();
    } catch {
      this.#retryTimer = setTimeout(() => this.#save(), RETRY_AFTER_MS);
    }
  }

  #log(host: Session, act: HostAct): void {
    this.#parts.accessLog.moderated(host, act);
  }
}
