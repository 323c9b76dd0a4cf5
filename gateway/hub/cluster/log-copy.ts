/**
 * Copies committed entries of the shared log into the transcript, and tells everybody who waits for them.
 *
 *     batch -> transcript -> sessions -> fan-out -> counters, presence
 */
import type { LogPosition } from '../../cluster/engine.ts';
import type { LogStep } from '../../cluster/log-trail.ts';
import type { BatchRecord, GenesisRecord, ImportRecord } from '../../cluster/records.ts';
import type { Counters } from '../../ops/counters.ts';
import type { Entry } from '../../protocol.ts';
import type { Session } from '../../session/session.ts';
import type { Transcript } from '../../transcript/transcript.ts';
import type { EntryFanOut } from '../fan-out.ts';
import { nicknameOf } from '../name-owners.ts';
import type { PresenceList } from '../presence.ts';
import type { BatchComposer } from './batch-composer.ts';
import type { LogIndex } from './log-index.ts';
import type { RemoteVoices } from './remote-voices.ts';
import type { SeenLines } from './seen-lines.ts';

export interface LogCopyParts {
  /** Id of this gateway in the cluster. */
  gateway: string;
  transcript: Transcript;
  fanOut: EntryFanOut;
  counters: Counters;
  presence: PresenceList;
  index: LogIndex;
  composer: BatchComposer;
  remoteVoices: RemoteVoices;
  seenLines: SeenLines;
  /** Sessions by the addresses that their voices have, or had until a moment ago. */
  voices: ReadonlyMap<string, Session>;
  sessions: ReadonlyMap<string, Session>;
}

/** Entries in which messages are searched at the start. */
const RESTORED_ENTRIES = 10_000;

export class LogCopy {
  readonly #parts: LogCopyParts;
  /** New entries that are not counted yet, with the nicknames of their messages. */
  #uncounted: { entry: Entry; nickname: string | undefined }[] = [];

  constructor(parts: LogCopyParts) {
    this.#parts = parts;
  }

  /** Finds the messages of the entries that an earlier process has copied. */
  restore(): void {
    const { transcript } = this.#parts;
    for (const json of transcript.find({ limit: RESTORED_ENTRIES })) this.#index(JSON.parse(json) as Entry);
  }

  /** `isCurrent`: the entries are new, and not read later than by other gateways. */
  append({ entries: json, first, by }: BatchRecord, position: LogPosition, isCurrent: boolean): void {
    const { transcript, presence, composer, gateway, seenLines } = this.#parts;
    const entries = composer.entriesOf(json);
    const head = first + entries.length - 1;
    const isNew = isCurrent && head > transcript.head;
    transcript.appendShared(entries, json, { ...position, epoch: transcript.epoch, head });
    for (const entry of entries) {
      this.#index(entry);
      if (!isNew) continue;
      seenLines.onEntry(entry);
      const nickname = nicknameOf(entry);
      this.#uncounted.push({ entry, nickname });
      const isClaim = by !== gateway && nickname !== undefined && !entry.forged;
      if (isClaim) presence.claimName(nickname, entry.said?.by, entry.at);
    }
  }

  /** The log begins with entries of an older transcript. */
  import({ entries, head, epoch, isLast }: ImportRecord, position: LogPosition): void {
    const { transcript, fanOut } = this.#parts;
    const parsed = entries.map((json) => ({ json, entry: JSON.parse(json) as Entry }));
    transcript.appendImported(parsed, { ...position, epoch, head, isImporting: !isLast });
    for (const { entry } of parsed) this.#index(entry);
    fanOut.restart();
  }

  /** The log has no further entries up to here. */
  keepPosition(position: LogPosition, head: number): void {
    const { transcript } = this.#parts;
    transcript.appendShared([], [], { ...position, epoch: transcript.epoch, head });
  }

  /** The log begins again after its head. It has lost the entries after `kept`. */
  restart(
    { epoch, head, kept, isImport }: Pick<GenesisRecord, 'epoch' | 'head' | 'kept' | 'isImport'>,
    position: LogPosition,
  ): void {
    const { transcript, fanOut, index } = this.#parts;
    const { shared } = transcript;
    if (epoch === shared?.epoch && shared.sequence > 0) return;
    transcript.restart(kept, { ...position, epoch, head, isImporting: isImport });
    fanOut.restart();
    index.clear();
  }

  /** The log has no entries of this copy after a record, or none at all. */
  truncate(step: LogStep = { sequence: 0, id: '', head: 0 }): void {
    const { transcript, fanOut, index } = this.#parts;
    transcript.truncate({ ...step, epoch: transcript.epoch });
    fanOut.restart();
    this.#uncounted = [];
    index.clear();
    for (const json of transcript.find({ limit: RESTORED_ENTRIES })) index.add(JSON.parse(json) as Entry);
  }

  /** Delivers first, and updates counters and presence afterwards. */
  deliver(): void {
    const { transcript, fanOut, counters, presence } = this.#parts;
    fanOut.request();
    for (const { entry, nickname } of this.#uncounted.splice(0)) {
      if (entry.gap) counters.gap();
      else counters.entry();
      if (entry.forged) counters.forged();
      if (!transcript.messages.isHidden(entry.continues ?? entry.seq)) presence.onEntry(entry, nickname);
    }
  }

  /** Notes where a message begins, and reports the entry to the session that said it. */
  #index(entry: Entry): void {
    const { index, remoteVoices } = this.#parts;
    index.add(entry);
    const { from, said } = entry;
    const logged = said && index.findSay(said.by, said.id);
    if (!logged) return;
    remoteVoices.onLogged(from, said.by, said.id, said.left);
    for (const session of this.#sessionsOf(from, said.by)) session.onLogged(said, logged.root);
  }

  /** A message is perhaps said by another gateway that the session has left. */
  #sessionsOf(from: string, by: string): Session[] {
    const session = this.#parts.voices.get(from);
    if (session?.publicId === by) return [session];
    return [...this.#parts.sessions.values()].filter(({ publicId }) => publicId === by);
  }
}
