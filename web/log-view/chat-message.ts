import { html, LitElement, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { toPageText } from '../../common/control-characters.ts';
import type { OutgoingMessage } from '../connection/outbox.ts';
import { type Named, parseNickname } from '../text/nickname.ts';
import type { Message } from '../timeline/log-segment.ts';
import type { Mentions } from '../timeline/mentions.ts';
import { renderAvatar } from '../ui/avatar.ts';
import { avatarStyle } from '../ui/avatar-style.ts';
import { emit } from '../ui/events.ts';
import { dates, t } from '../ui/i18n.ts';
import { renderTime } from '../ui/render-time.ts';
import { truncateLong } from './message-markup.ts';
import { loadLinks, renderMarkup } from './render-markup.ts';

/**
 * One message: somebody's, or ours on its way. There are hundreds, so each is drawn into the log itself and has
 * its styles from there: a shadow root for each costs a slow machine more than all that stands in it.
 */
@customElement('chat-message')
export class ChatMessage extends LitElement {
  /** In the log, or not yet. */
  @property({ attribute: false }) message!: Message | OutgoingMessage;
  /** The first of its speaker's: shows whose it is. */
  @property({ attribute: false }) leads = false;
  /** Looked for: marked for a moment. */
  @property({ attribute: false }) isFound = false;
  /** Knows whether words are of this person; of who was called otherwise when they came, they stay so. */
  @property({ attribute: false }) mentions: Mentions | undefined;
  /** All of a long message is shown. */
  @state() private isUnfolded = false;

  #isMention = false;

  /** The numbers in the log whose words are here. */
  get seqs(): readonly number[] {
    return 'seqs' in this.message ? this.message.seqs : [];
  }

  override render() {
    const { message } = this;
    return 'state' in message ? this.#renderSay(message) : this.#renderMessage(message);
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
    this.dataset.at = dates.full(message.at);
    if (isTheirs(message))
      this.style.setProperty('--hue', `${avatarStyle(message.from || (message.nickname ?? '')).hue}`);
    loadLinks(message.text)?.then((areFound) => areFound && this.requestUpdate());
  }

  get #classes(): string {
    const { message, leads, isFound } = this;
    const isPending = 'state' in message && message.state !== 'heard';
    const classes = {
      leads,
      found: isFound,
      mine: !isTheirs(message),
      pending: isPending,
      forged: isTheirs(message) && message.forged,
      mentioned: this.#isMention,
    };
    return Object.entries(classes)
      .filter(([, has]) => has)
      .map(([name]) => name)
      .join(' ');
  }

  #renderMessage({ mine, ...message }: Message) {
    return mine ? this.#renderOwn(message.at, message, renderHeard()) : this.#renderTheirs(message);
  }

  #renderTheirs({ from, nickname, text, at, forged }: Omit<Message, 'mine'>) {
    return html`
      ${this.leads ? (forged ? renderUnknownAvatar() : renderAvatar(from, nickname)) : renderTime(at)}
      <div class="body">${this.leads ? renderSpeaker(from, nickname, at) : nothing}${this.#renderText(text)}${forged ? renderWarning() : nothing}</div>
    `;
  }

  #renderSay(say: OutgoingMessage) {
    const isSettled = say.state === 'unconfirmed' || say.state === 'failed';
    const retry = isSettled ? this.#renderRetry(say) : nothing;
    return this.#renderOwn(say.at, parseNickname(toPageText(say.text)), renderState(say), retry);
  }

  #renderOwn(at: number, { nickname, text }: Named, state: unknown, retry: unknown = nothing) {
    return html`
      ${this.leads ? renderSelf(nickname) : nothing}
      <div class="bubble">${this.#renderText(text)}<footer>${renderTime(at)}${state}</footer></div>
      ${retry}
    `;
  }

  #renderText(text: string) {
    const folded = truncateLong(text);
    if (folded === undefined) return renderMarkup(text);
    return html`${renderMarkup(this.isUnfolded ? text : `${folded}…`)}${this.#renderFold(text.length)}`;
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

function speakerOf(message: Message | OutgoingMessage): string {
  if (!isTheirs(message)) return t.you;
  const { nickname, from } = message;
  // Some rooms do not tell whose words are: ROOM_FORMAT=plain.
  return [nickname, from].filter(Boolean).join(', ') || t.somebody;
}

/** Who borrows an address does not get its colours. */
function renderUnknownAvatar() {
  return html`<span class="avatar unknown" aria-hidden="true">?</span>`;
}

function renderSpeaker(address: string, nickname: string | undefined, at: number) {
  const known = nickname ?? (address === '' ? t.somebody : undefined);
  const name = known === undefined ? nothing : html`<b><bdi>${known}</bdi></b>`;
  const style = nickname === undefined ? 'nameless' : '';
  return html`<p class="speaker">${name}<span class="address mono ${style}">${address}</span>${renderTime(at)}</p>`;
}

function renderSelf(nickname: string | undefined) {
  return html`<p class="speaker"><b>${t.you}</b>${nickname === undefined ? nothing : html`<bdi>${nickname}</bdi>`}</p>`;
}

function renderWarning() {
  return html`<p class="warning"><span aria-hidden="true">⚠</span> ${t.forged}</p>`;
}

function renderState(say: OutgoingMessage) {
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
      return html`<span class="doubt">${t.failed[say.reason]}</span>`;
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
