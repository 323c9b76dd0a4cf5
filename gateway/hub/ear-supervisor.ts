/**
 * Runs the ear: marks gaps in the transcript, reconnects an ear that hears nothing, and watches whether the gateway can
 * follow the room.
 *
 *     ear --- texts ---> watch (is it the expected kind of room?), then recorder
 *      | opens, is lost ---> gap in the transcript, sessions pause or resume sending
 */
import { once } from 'node:events';
import { HEADER_SUFFIX } from '../../tcp-server/wire.ts';
import type { AccessLog } from '../ops/access-log.ts';
import type { RoomTrouble } from '../protocol.ts';
import type { Session } from '../session/session.ts';
import { DeferredReads } from '../upstream/deferred-reads.ts';
import type { Dialer } from '../upstream/dialer.ts';
import { Ear, type EarListener, type EarOptions } from '../upstream/ear.ts';
import type { RoomText, SentText } from '../upstream/formats/room-text.ts';
import { type ConnectionReport, closeGracefully } from '../upstream/room-connection.ts';
import type { WireTap } from '../upstream/tap/wire-observer.ts';
import { DeafEarWatch } from './deaf-ear.ts';
import type { EntryFanOut } from './fan-out.ts';
import type { Scribe } from './local-scribe.ts';
import type { Recorder } from './recorder.ts';
import { RoomProbe } from './room-probe.ts';
import { RoomWatch, type RoomWatchListener } from './room-watch.ts';

export interface EarSupervisorOptions extends EarOptions {
  /** How long an echo may take, ms. */
  receiptTimeoutMs: number;
  /** After this much silence readiness needs a probe of the room, ms. 0 disables all probes. */
  quietMs: number;
  /** The room may send no broadcasts to voices. */
  hasQuietVoices: boolean;
}

export interface EarSupervisorParts {
  dialer: Dialer;
  scribe: Scribe;
  recorder: Recorder;
  fanOut: EntryFanOut;
  tap: WireTap;
  accessLog: AccessLog;
  sessions: ReadonlyMap<string, Session>;
  /** Sessions by the addresses that their voices have, or had until a moment ago. */
  voices: ReadonlyMap<string, Session>;
}

/** Broadcasts reach the ear and the voices within this time, ms. */
const SETTLED_MS = 1_000;

/**
 * A connected ear may still wait for the room to accept it, without any sign. A message shows that the ear is accepted.
 * After this much silence the gateway presumes so, ms. A loaded server accepts well within it.
 */
const PRESUMED_ACCEPTED_MS = 2_000;

/** How long a silent room may take to answer a readiness probe, ms. */
const ANSWER_MS = 3_000;

/** How long a probe may wait for its connection, ms. */
const PROBE_DIAL_MS = 10_000;

export class EarSupervisor implements EarListener, RoomWatchListener {
  readonly deferredReads: DeferredReads;
  readonly #parts: EarSupervisorParts;
  readonly #options: EarSupervisorOptions;
  readonly #ear: Ear;
  readonly #watch: RoomWatch;
  readonly #roomProbe: RoomProbe;
  readonly #deafEar: DeafEarWatch;
  /** Runs from the ear's opening until the ear is accepted. */
  #acceptTimer: NodeJS.Timeout | undefined;
  /** When the ear connected, ms since 1970. */
  #connectedAt = 0;
  /** When the room last echoed or answered a message, ms since 1970. 0: the room may never do so. */
  #echoedAt = 0;

  constructor(parts: EarSupervisorParts, options: EarSupervisorOptions) {
    this.#parts = parts;
    this.#options = options;
    this.deferredReads = new DeferredReads(() => (this.#ear.isOpen ? parts.voices.size : 0));
    // A probe does not log in. It would enter the room without a name, or block a room that waits for one.
    const { manner } = options;
    const quietMs = manner.login || manner.bye ? 0 : options.quietMs;
    this.#watch = new RoomWatch({ manner, mayProbe: quietMs > 0 }, this);
    this.#roomProbe = new RoomProbe(quietMs, {
      lastHeardAt: () => Math.max(this.#ear.heardAt, this.#echoedAt),
      probe: () => this.#probeInTime(),
    });
    this.#ear = new Ear(this, parts.dialer, this.deferredReads, options, parts.tap);
    this.#deafEar = new DeafEarWatch(this.#ear, () => this.#probeInTime());
  }

  /** True while the ear hears the room, and its text can be logged. */
  get isOpen(): boolean {
    return this.#ear.isOpen && this.#parts.scribe.isAccepting;
  }

  get trouble(): RoomTrouble | undefined {
    return this.#watch.trouble;
  }

  /** The setting that would probably help in a room with trouble, as `NAME=value`. */
  get suggestedSetting(): string | undefined {
    if (this.trouble === undefined) return undefined;
    if (this.trouble === 'asks') return 'ROOM_LOGIN={name}\\n';
    if (this.#watch.badFrame !== undefined) return 'ROOM_FRAMING=lines';
    return `ROOM_FORMAT=${this.#watch.suggestedFormat ?? this.#options.manner.alternative}`;
  }

  get bytes(): number {
    return this.#ear.bytes;
  }

  get report(): ConnectionReport {
    return this.#ear.report;
  }

  /** Returns undefined if the ear hears the room, and the room has not been silent for long or answers a probe. */
  async whyNotReady(): Promise<string | undefined> {
    const isResponsive = this.trouble === undefined && this.isOpen && (await this.#roomProbe.isResponsive());
    if (this.trouble !== undefined) return this.#describe(this.trouble);
    return isResponsive && this.isOpen ? undefined : 'the room does not answer';
  }

  /** Returns true if the room has sent text since `time` (ms since 1970), or may never do so. */
  hasMovedSince(time: number): boolean {
    return this.#echoedAt === 0 || this.#ear.openedAt > time || this.#hasTalkedSince(time);
  }

  /**
   * Returns true if the room repeats what voices send, and has done so since `time` (ms since 1970). False before the
   * first header: a server with logins may keep a text back, and a new connection would have to log in again.
   */
  hasRepeatedSince(time: number): boolean {
    return this.#ear.isProven && this.#hasTalkedSince(time);
  }

  #hasTalkedSince(time: number): boolean {
    const { heardAt, openedAt } = this.#ear;
    const isLater = heardAt > time + this.#options.receiptTimeoutMs;
    return this.#echoedAt > 0 && openedAt <= time && isLater;
  }

  onEcho(): void {
    this.#echoedAt = Date.now();
  }

  /** A voice sends a line. */
  onVoiceSend(session: Session, line: string): void {
    this.#deafEar.onVoiceSend();
    if (this.#options.manner.senders === 'none') this.#parts.recorder.noteSent(session, line);
    if (this.#hasHeaders) this.#watch.onVoiceSend(line, session);
  }

  onPrivateText(): void {
    this.#deafEar.onPrivateText();
  }

  /** Compares what voices and the ear receive. Called every few seconds. */
  check(): void {
    const broadcastAt = this.#lastBroadcastAt;
    const isSettled = Date.now() - broadcastAt > SETTLED_MS;
    const { isOpen, lostAt } = this.#ear;
    if (this.#hasHeaders && this.trouble === 'asks' && !isOpen && isSettled && broadcastAt > lostAt)
      this.#watch.onVoiceHeader();
    if (isOpen && this.#options.hasQuietVoices) void this.#deafEar.checkSent();
    this.#deafEar.checkBroadcasts(isOpen && isSettled ? broadcastAt : 0);
  }

  /** Stops watching the room, while the ear still hears the last messages. */
  stop(): void {
    clearTimeout(this.#acceptTimer);
    this.#watch.stop();
  }

  leave(): Promise<void> {
    return this.#ear.leave();
  }

  onConnected(): void {
    this.#connectedAt = Date.now();
    if (this.#options.hasQuietVoices) this.#watch.onEarOpen();
  }

  onOpen(): void {
    this.#acceptTimer = setTimeout(() => this.#presumeAccepted(), PRESUMED_ACCEPTED_MS);
    if (!this.#options.hasQuietVoices) this.#watch.onEarOpen();
    this.#onEarChanged();
  }

  onLost(): void {
    clearTimeout(this.#acceptTimer);
    this.#watch.onEarLost();
    this.#parts.recorder.reset();
    if (this.#ear.lostAt > 0) this.#parts.scribe.beginGap(this.#ear.lostAt);
    this.#onEarChanged();
  }

  onHeard(texts: RoomText[]): void {
    this.#watch.onEarHeard(texts);
    if (!this.#hasHeaders && texts.some(({ text }) => this.#hasVoiceHeader(text)))
      this.#watch.onUnexpectedFormat();
    if (texts.some(({ kind }) => kind === 'message' || kind === 'note')) this.#endGap();
    const hasEcho = this.#parts.recorder.record(texts);
    if (!this.#hasHeaders && hasEcho) this.#watch.prove();
  }

  *inFlight(): Iterable<SentText> {
    for (const { sendQueue, loginName = '', lastAddress = '' } of this.#parts.sessions.values()) {
      for (const text of sendQueue.inFlightTexts) yield { name: loginName, address: lastAddress, text };
    }
  }

  readonly isOwn = (address: string): boolean => this.#parts.voices.has(address);

  /** Voices show whether the room has accepted the ear. Quiet voices don't, so the ear waits for a probe's answer. */
  isAwaited(since: number): boolean {
    if (this.#lastBroadcastAt > since) return true;
    const waitedMs = Date.now() - this.#connectedAt;
    return this.#options.hasQuietVoices && !this.#watch.isAccepted && waitedMs < PRESUMED_ACCEPTED_MS;
  }

  async probe(signal = AbortSignal.timeout(PROBE_DIAL_MS)): Promise<boolean> {
    const connection = await this.#parts.dialer.dial({ onRead: () => true, signal });
    if (!connection) return false;
    await closeGracefully(connection.socket, this.#options.leaveTimeoutMs);
    return true;
  }

  reconnectEar(afterMs: number): void {
    this.#ear.reconnect(afterMs);
  }

  onBadFrame(problem: string): void {
    this.#watch.onBadFrame(problem);
  }

  onAccepted(): void {
    this.#roomProbe.onAnswer();
    if (this.trouble !== undefined) return;
    this.#endGap();
    this.#parts.fanOut.request();
  }

  onTroubleChanged(trouble: RoomTrouble | undefined): void {
    this.#parts.accessLog.roomTrouble(trouble && this.#describe(trouble));
    for (const session of this.#parts.sessions.values()) session.onRoomChanged();
  }

  async #probeInTime(): Promise<boolean> {
    const timeout = AbortSignal.timeout(ANSWER_MS);
    return await Promise.race([this.probe(timeout), once(timeout, 'abort').then(() => false)]);
  }

  #presumeAccepted(): void {
    if (!this.#watch.isAccepted) return;
    this.#endGap();
    this.#parts.fanOut.request();
  }

  /** Between two ears, or two processes, the gateway may have missed messages. */
  #endGap(): void {
    clearTimeout(this.#acceptTimer);
    this.#parts.scribe.endGap();
  }

  #onEarChanged(): void {
    this.#parts.recorder.reset();
    this.deferredReads.resumeAll();
    this.onAcceptingChanged();
  }

  /** The gateway can accept messages, or no longer. */
  onAcceptingChanged(): void {
    for (const session of this.#parts.sessions.values()) session.onRoomChanged();
  }

  /** Returns true if a plain line holds what a voice has sent, behind a header of the dice format. */
  #hasVoiceHeader(text: string): boolean {
    const end = text.indexOf(HEADER_SUFFIX);
    const voice = end > 0 ? this.#parts.voices.get(text.slice(0, end)) : undefined;
    return voice?.findSentLine([text.slice(end + HEADER_SUFFIX.length)]) !== undefined;
  }

  get #hasHeaders(): boolean {
    return this.#options.manner.hasHeaders;
  }

  get #lastBroadcastAt(): number {
    let newest = 0;
    for (const { lastBroadcastAt } of this.#parts.sessions.values())
      newest = Math.max(newest, lastBroadcastAt);
    return newest;
  }

  #describe(trouble: RoomTrouble): string {
    const reason =
      trouble === 'asks'
        ? 'the room asks each connection for something first, a name perhaps'
        : (this.#watch.badFrame ?? `the room does not talk as ROOM_FORMAT=${this.#options.manner.name} says`);
    return `${reason}: try ${this.suggestedSetting}, or find the settings with \`tertulia learn\`, see docs/servers.md`;
  }
}
