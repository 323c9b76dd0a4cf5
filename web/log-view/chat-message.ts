import { html, LitElement, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { toPageText } from '../../common/control-characters.ts';
import { hueOf } from '../../common/display/avatar-style.ts';
import type { OutgoingMessage } from '../../connection/outbox.ts';
import { rareStrings } from '../parts/rare-strings.ts';
import { type Named, parseNickname } from '../text/nickname.ts';
import type { Message } from '../timeline/log-segment.ts';
import type { Mentions } from '../timeline/mentions.ts';
import { renderAvatar } from '../ui/avatar.ts';
import { emit } from '../ui/events.ts';
import { dates, t } from '../ui/i18n.ts';
import { renderTime } from '../ui/render-time.ts';
import { seesTcp } from '../ui/see-tcp.ts';
import { loadLinks, renderMarkup } from './render-markup.ts';
import { truncateLong } from './truncate-long.ts';

type Origin = Pick<Message, 'at' | 'from'>;

/**
 * Draws one message of the log, or an own message that is on its way. It uses the log's tree and styles, because on a
 * slow machine a shadow root costs more than its content.
 */
@customElement('chat-message')
export class ChatMessage extends LitElement {
  @property({ attribute: false }) message!: Message | OutgoingMessage;
  /** The first message of a group: it shows the speaker. */
  @property({ attribute: false }) leads = false;
  /** The person's name before this message, if it was another one. */
  @property({ attribute: false }) formerly: string | undefined;
  /** The message was found by a search and is marked for a moment. */
  @property({ attribute: false }) isFound = false;
  /** Recognizes mentions of this person. A message keeps the result when the nickname changes later. */
  @property({ attribute: false }) mentions: Mentions | undefined;
  /** The page is being printed. Paper shows a long message whole, because it has no button. */
  @property({ attribute: false }) isPrinted = false;
  /** A long message is shown whole. */
  @state() private isUnfolded = false;

  #isMention = false;

  /** Numbers of the log entries in this message. */
  get seqs(): readonly number[] {
    return 'seqs' in this.message ? this.message.seqs : [];
  }

  override render() {
    const { message } = this;
    const drawn = 'state' in message ? this.#renderSay(message) : this.#renderMessage(message);
    return seesTcp ? html`${drawn}<wire-card .seqs=${this.seqs}></wire-card>` : drawn;
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.role = 'article';
    this.tabIndex = -1;
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has('isFound') && this.isFound) this.isUnfolded = true;
    const { message, mentions } = this;
    if (changed.has('message'))
      this.#isMention = isTheirs(message) && mentions?.matches(message.text) === true;
    const who = speakerOf(message);
    this.className = this.#classes;
    this.ariaLabel = t.messageFrom(this.#isMention ? t.mentionsYou(who) : who, dates.short(message.at));
    this.dataset.info = isHeard(message) ? `${dates.full(message.at)} · ${t.heard}` : dates.full(message.at);
    if (isTheirs(message)) this.style.setProperty('--hue', `${hueOf(message.nickname, message.from)}`);
    loadLinks(message.text)?.then((areFound) => areFound && this.requestUpdate());
  }

  get #classes(): string {
    const { message, leads, isFound } = this;
    const classes = {
      leads,
      found: isFound,
      mine: !isTheirs(message),
      pending: !(isTheirs(message) || isHeard(message)),
      forged: isTheirs(message) && message.forged,
      hidden: 'hidden' in message,
      mentioned: this.#isMention,
    };
    return Object.entries(classes)
      .filter(([, has]) => has)
      .map(([name]) => name)
      .join(' ');
  }

  #renderMessage({ mine, ...message }: Message) {
    return mine
      ? this.#renderOwn(message, message, message.hidden ? renderHidden() : renderHeard())
      : this.#renderTheirs(message);
  }

  #renderTheirs(message: Omit<Message, 'mine'>) {
    const { from, nickname, by, text, at, forged, hidden } = message;
    const person = { nickname, address: from, isTerminal: by === undefined };
    return html`
      ${this.leads ? (forged ? renderUnknownAvatar() : renderAvatar(person)) : renderTime(at)}
      <div class="body">${this.leads ? renderSpeaker(message, this.formerly) : nothing}${this.#renderText(text)}${forged ? renderWarning() : nothing}${hidden ? renderHidden() : nothing}</div>
    `;
  }

  #renderSay(say: OutgoingMessage) {
    const isSettled = say.state === 'unconfirmed' || say.state === 'failed';
    const retry = isSettled ? this.#renderRetry(say) : nothing;
    return this.#renderOwn(
      { at: say.at, from: '' },
      parseNickname(toPageText(say.text)),
      renderState(this, say),
      retry,
    );
  }

  #renderOwn({ at, from }: Origin, { nickname, text }: Named, state: unknown, retry: unknown = nothing) {
    return html`
      ${this.leads ? renderSelf(nickname, from) : nothing}
      <div class="bubble">${this.#renderText(text)}<footer>${renderTime(at)}${state}</footer></div>
      ${retry}
    `;
  }

  #renderText(text: string) {
    const folded = this.isPrinted ? undefined : truncateLong(text);
    if (folded === undefined) return renderMarkup(text);
    return html`${renderMarkup(this.isUnfolded ? text : `${folded}…`, text)}${this.#renderFold(text.length)}`;
  }

  #renderFold(length: number) {
    const label = this.isUnfolded ? t.showLess : t.showAll(length);
    return html`
      <button class="quiet" aria-expanded=${this.isUnfolded} @click=${this.#onFoldClick}>${label}</button>
    `;
  }

  #onFoldClick(): void {
    this.isUnfolded = !this.isUnfolded;
  }

  #renderRetry({ id }: OutgoingMessage) {
    return html`
      <div class="retry">
        <button class="quiet" @click=${() => emit(this, 'send-again', id)}>${t.sendAgain}</button>
        <button class="quiet" @click=${() => emit(this, 'discard', id)}>${t.discard}</button>
      </div>
    `;
  }
}

function isTheirs(message: Message | OutgoingMessage): message is Message {
  return !('state' in message || message.mine);
}

/** Only own messages are reported as received by the room. */
function isHeard(message: Message | OutgoingMessage): boolean {
  return 'state' in message ? message.state === 'heard' : message.mine;
}

function speakerOf(message: Message | OutgoingMessage): string {
  if (!isTheirs(message)) return t.you;
  const { nickname, from } = message;
  // With ROOM_FORMAT=plain the room sends no addresses.
  return [nickname, from].filter(Boolean).join(', ') || t.somebody;
}

/** A forged message gets no avatar of the address that it claims. */
function renderUnknownAvatar() {
  return html`<span class="avatar unknown" aria-hidden="true">?</span>`;
}

/** The address of a person with a name is shown on hover, focus or tap. */
function renderSpeaker(
  { from, nickname, at, taken, host }: Omit<Message, 'mine'>,
  formerly: string | undefined,
) {
  const known = nickname ?? (from === '' ? t.somebody : undefined);
  if (known === undefined)
    return html`<p class="speaker"><b class="address mono">${from}</b>${renderTime(at)}</p>`;
  const doubt = taken ? html`<span class="doubt note">${t.taken}</span>` : nothing;
  const before = formerly === undefined ? nothing : html`<span class="note">${t.formerly(formerly)}</span>`;
  return html`<p class="speaker"><b><bdi>${known}</bdi></b>${host ? html`<span class="note host">${t.sheets.host}</span>` : nothing}${renderTime(at)}${doubt}${before}<span class="address mono">${from}</span></p>`;
}

/** The address tells the tabs of a browser apart. It is shown as that of others. */
function renderSelf(nickname: string | undefined, from: string) {
  return html`<p class="speaker"><span class="address mono">${from}</span><b>${t.you}</b>${nickname === undefined ? nothing : html`<bdi>${nickname}</bdi>`}</p>`;
}

/** Only hosts see it. */
function renderHidden() {
  return html`<div class="note">${t.hidden}</div>`;
}

function renderWarning() {
  return html`<p class="warning"><span aria-hidden="true">⚠</span> ${t.forged}</p>`;
}

function renderState(host: ChatMessage, say: OutgoingMessage) {
  switch (say.state) {
    case 'waiting':
      return html`<span>${t.waiting}</span>`;
    case 'sending':
      return html`<span>${t.sending}</span>`;
    case 'heard':
      return renderHeard();
    case 'unconfirmed':
      return html`<span class="doubt">${t.unconfirmed}</span>`;
    case 'failed':
      return html`<span class="doubt">${rareStrings(host)?.failed[say.reason]}</span>`;
  }
}

function renderHeard() {
  return html`<span class="heard" role="img" aria-label=${t.heard} title=${t.heard}></span>`;
}

declare global {
  interface HTMLElementTagNameMap {
    'chat-message': ChatMessage;
  }
}
