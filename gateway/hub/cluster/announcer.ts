/**
 * Announces what sessions are about to say, and receives the announcements of other gateways. An announcement decides
 * which gateway says a message, if two have it.
 */
import { createHash } from 'node:crypto';
import type { ClusterEngine } from '../../cluster/engine.ts';
import type { Announced } from '../../session/send-queue.ts';
import type { Session } from '../../session/session.ts';
import type { EngineHealth } from './engine-health.ts';
import type { LogIndex } from './log-index.ts';
import type { Announcement, RemoteVoices } from './remote-voices.ts';

export interface AnnouncerParts {
  engine: ClusterEngine;
  health: EngineHealth;
  /** Id of this gateway in the cluster. */
  gateway: string;
  index: LogIndex;
  remoteVoices: RemoteVoices;
}

export class Announcer {
  readonly #parts: AnnouncerParts;
  /** Stops receiving announcements. */
  readonly close: () => void;

  constructor(parts: AnnouncerParts) {
    this.#parts = parts;
    this.close = parts.engine.followAnnouncements((body) =>
      this.#onAnnouncement(JSON.parse(Buffer.from(body).toString()) as Announcement),
    );
  }

  /** Announces chunks of a session. It is done when the engine has the announcement. */
  announce(
    session: Session,
    id: string,
    chunks: string[],
    attempt: number,
    onDone: (outcome: Announced) => void,
  ): void {
    const { engine, health, gateway, index } = this.#parts;
    const { publicId: by, isHost, lastAddress: address = '', loginName: name } = session;
    const announcement: Announcement = { gateway, by, id, isHost, address, name, chunks };
    // A browser chooses the id, so that it may hold any character.
    const key = createHash('sha256').update(`${by} ${attempt} ${id}`).digest('base64url');
    const body = Buffer.from(JSON.stringify(announcement));
    health.request(
      (signal) => engine.announce(key, body, signal),
      (outcome) => {
        onDone(outcome);
        const logged = outcome === 'known' ? index.findSay(by, id) : undefined;
        if (logged) session.onLogged({ by, id, left: logged.left }, logged.root);
      },
    );
  }

  /** Calls back when everything was received that other gateways have announced before. */
  afterAnnouncements(callback: () => void): void {
    const { engine, health } = this.#parts;
    health.request((signal) => engine.announcementsReceived(signal), callback);
  }

  #onAnnouncement(announcement: Announcement): void {
    const { index, remoteVoices } = this.#parts;
    remoteVoices.onAnnouncement(announcement, index.findSay(announcement.by, announcement.id)?.left);
  }
}
