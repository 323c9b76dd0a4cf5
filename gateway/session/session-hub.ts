/** The hub as a session uses it. An interface, because imports go from the hub to the session. */
import type { Subscriber } from '../downstream/subscriber.ts';
import type { AccessLog } from '../ops/access-log.ts';
import type { Counters } from '../ops/counters.ts';
import type { RoomTrouble } from '../protocol.ts';
import type { Transcript } from '../transcript/transcript.ts';
import type { DeferredReads } from '../upstream/deferred-reads.ts';
import type { Dialer } from '../upstream/dialer.ts';
import type { WireTap } from '../upstream/tap/wire-observer.ts';
import type { SendQueueListener } from './send-queue.ts';
import type { SendQueues } from './send-queues.ts';

/** `Session`: the class of that name, which imports this file. */
export interface SessionHub<Session> {
  readonly dialer: Dialer;
  readonly accessLog: AccessLog;
  readonly counters: Counters;
  readonly tap: WireTap;
  /** Counts what waits in all sessions together. */
  readonly queues: SendQueues;
  readonly log: Pick<
    Transcript,
    'epoch' | 'head' | 'tail' | 'keeps' | 'isCompleteSince' | 'afterFlush' | 'flush'
  >;
  /** Reserves the login name of a session that fits `wanted` best, from try 0 on. Returns the name. */
  claimName(session: Session, wanted: string, attempt: number): string;
  readonly ear: {
    readonly deferredReads: DeferredReads;
    /** True while the ear hears the room. */
    readonly isOpen: boolean;
    /** The reason why the ear can't follow the room. */
    readonly trouble: RoomTrouble | undefined;
    readonly suggestedSetting: string | undefined;
    onVoiceSend(session: Session, text: string): void;
    /** A voice received private text, so the room answers. */
    onPrivateText(): void;
    /** The room has echoed or answered a message. */
    onEcho(): void;
    hasMovedSince(time: number): boolean;
    hasRepeatedSince(time: number): boolean;
  };
  /** Returns false if another session has, or had until a moment ago, this address in the room. */
  mayUse(session: Session, address: string): boolean;
  onVoiceOpen(session: Session, address: string): void;
  onVoiceLost(session: Session, address: string): void;
  /** Announces chunks before they are sent, where several gateways serve the room. */
  readonly announce:
    | ((session: Session, ...announcement: Parameters<NonNullable<SendQueueListener['announce']>>) => void)
    | undefined;
  /** The session came, went, or has another nickname. */
  onSessionChanged(session: Session): void;
  onSessionGone(session: Session): void;
  readonly moderation: {
    /** Browsers may not send, except those of hosts. */
    readonly isPaused: boolean;
    /** The room can have hosts. */
    readonly hasHosts: boolean;
    readonly hasLab: boolean;
    /** How long messages of the person with this public id are still refused; 0 if they are not. */
    silencedSeconds(publicId: string): number;
    /** Sends the state of the room, and what hosts changed after `revision`. */
    welcome(subscriber: Subscriber, revision: number | undefined): void;
  };
}
