import { html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Message } from '../log.ts';
import { type Named, parseNickname } from '../nickname.ts';
import type { Say } from '../outbox.ts';
import { readable } from '../readable.ts';
import { initialOf, lookOf } from '../speaker.ts';
import { messageStyles } from './message-styles.ts';
import { tell } from './page-events.ts';
import { renderTime } from './render-time.ts';
import { sharedStyles } from './shared-styles.ts';
import { times, words } from './words.ts';

/** One message: somebody's, or ours on its way. */
@customElement('chat-message')
export class ChatMessage extends LitElement {
  static override styles = [sharedStyles, messageStyles];

  /** In the log, or not yet. */
  @property({ attribute: false }) speech!: Message | Say;
  /** The first of its speaker's: shows whose it is. */
  @property({ type: Boolean, reflect: true }) leads = false;
  /** Looked for: marked for a moment. */
  @property({ type: Boolean, reflect: true, attribute: 'found' }) isFound = false;

  /** The numbers in the log whose words are here. */
  get seqs(): readonly number[] {
    return 'seqs' in this.speech ? this.speech.seqs : [];
  }

  override render() {
    const { speech } = this;
    return 'state' in speech ? this.#renderSay(speech) : this.#renderMessage(speech);
  }

  protected override willUpdate(): void {
    const { speech } = this;
    this.classList.toggle('mine', 'state' in speech || speech.mine);
    this.classList.toggle('pending', 'state' in speech && speech.state !== 'heard');
    if ('state' in speech || speech.mine) return;
    this.classList.toggle('forged', speech.forged);
    this.style.setProperty('--hue', `${lookOf(speech.from).hue}`);
  }

  #renderMessage({ mine, ...message }: Message) {
    return mine
      ? this.#renderOwn(message.at, message, renderMark('✓', words.heard))
      : this.#renderTheirs(message);
  }

  #renderTheirs({ from, nickname, text, at, forged }: Omit<Message, 'mine'>) {
    const who = nickname === undefined ? from : `${nickname}, ${from}`;
    return html`
      <article aria-label=${words.saidBy(who, times.short(at))}>
        ${this.leads ? renderAvatar(from, nickname, forged) : renderTime(at)}
        <div class="body">
          ${this.leads ? renderSpeaker(from, nickname, at) : nothing} ${renderWords(text)}
          ${forged ? html`<p class="warning"><span aria-hidden="true">⚠</span> ${words.forged}</p>` : nothing}
        </div>
      </article>
    `;
  }

  #renderSay(say: Say) {
    const isSettled = say.state === 'unconfirmed' || say.state === 'failed';
    const choices = isSettled ? this.#renderChoices(say) : nothing;
    return this.#renderOwn(say.at, parseNickname(readable(say.text)), renderState(say), choices);
  }

  #renderOwn(at: number, { nickname, text }: Named, state: unknown, choices: unknown = nothing) {
    return html`
      <article aria-label=${words.saidBy(words.you, times.short(at))}>
        ${this.leads ? renderSelf(nickname) : nothing}
        <div class="bubble">
          ${renderWords(text)}
          <footer>${renderTime(at)}${state}</footer>
        </div>
        ${choices}
      </article>
    `;
  }

  #renderChoices({ id }: Say) {
    return html`
      <div class="choices">
        <button class="quiet" @click=${() => tell(this, 'say-again', id)}>${words.sendAgain}</button>
        <button class="quiet" @click=${() => tell(this, 'discard', id)}>${words.discard}</button>
      </div>
    `;
  }
}

/** Who borrows an address does not get its colours. */
function renderAvatar(address: string, nickname: string | undefined, forged: boolean) {
  if (forged) return html`<span class="avatar forged" aria-hidden="true">?</span>`;
  const { shape, fill } = lookOf(address);
  return html`<span class="avatar ${shape} ${fill}" aria-hidden="true">${initialOf(nickname, address)}</span>`;
}

function renderSpeaker(address: string, nickname: string | undefined, at: number) {
  const name = nickname === undefined ? nothing : html`<b><bdi>${nickname}</bdi></b>`;
  return html`
    <p class="speaker">
      ${name}<span class="address mono ${nickname === undefined ? 'nameless' : ''}">${address}</span>${renderTime(at)}
    </p>
  `;
}

function renderSelf(nickname: string | undefined) {
  return html`<p class="speaker"><b>${words.you}</b>${nickname === undefined ? nothing : html`<bdi>${nickname}</bdi>`}</p>`;
}

function renderWords(text: string) {
  return text === ''
    ? html`<div class="words none">${words.noWords}</div>`
    : html`<div class="words" dir="auto">${text}</div>`;
}

function renderState(say: Say) {
  switch (say.state) {
    case 'waiting':
      return html`<span>${words.waiting}</span>`;
    case 'sending':
      return html`<span>${words.sending}</span>`;
    case 'heard':
      return renderMark('✓', words.heard);
    case 'unconfirmed':
      return html`<span class="doubt">${words.unconfirmed}</span>`;
    case 'failed':
      return html`<span class="doubt">${words.failed[say.reason]}</span>`;
  }
}

function renderMark(sign: string, label: string) {
  return html`<span class="heard" role="img" aria-label=${label} title=${label}>${sign}</span>`;
}

declare global {
  interface HTMLElementTagNameMap {
    'chat-message': ChatMessage;
  }
}
