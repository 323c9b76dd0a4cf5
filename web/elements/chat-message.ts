import { html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Message } from '../log.ts';
import { parseNickname } from '../nickname.ts';
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

  override render() {
    const { speech } = this;
    return 'state' in speech ? this.#renderSay(speech) : this.#renderMessage(speech);
  }

  protected override willUpdate(): void {
    const { speech } = this;
    this.classList.toggle('mine', 'state' in speech || speech.mine);
    this.classList.toggle('pending', 'state' in speech && speech.state !== 'heard');
    if (!('state' in speech)) this.style.setProperty('--hue', `${lookOf(speech.from).hue}`);
  }

  #renderMessage({ from, nickname, text, at, mine, forged }: Message) {
    const who = mine ? words.you : nickname === undefined ? from : `${nickname}, ${from}`;
    return html`
      <article aria-label=${words.saidBy(who, times.short(at))}>
        ${this.leads && !mine ? renderAvatar(from, nickname) : nothing}
        <div class="body">
          ${this.leads ? renderSpeaker(from, nickname, mine) : nothing}
          <div class="bubble">
            ${renderWords(text)}
            <footer>
              ${renderTime(at)}${mine ? renderMark('heard', '✓', words.heard) : nothing}
            </footer>
          </div>
          ${forged ? html`<p class="warning"><span aria-hidden="true">⚠</span> ${words.forged}</p>` : nothing}
        </div>
      </article>
    `;
  }

  #renderSay(say: Say) {
    const { nickname, text } = parseNickname(readable(say.text));
    return html`
      <article aria-label=${words.saidBy(words.you, times.short(say.at))}>
        <div class="body">
          ${this.leads ? renderSpeaker('', nickname, true) : nothing}
          <div class="bubble">
            ${renderWords(text)}
            <footer>${renderTime(say.at)}${renderState(say)}</footer>
          </div>
          ${say.state === 'unconfirmed' || say.state === 'failed' ? this.#renderChoices(say) : nothing}
        </div>
      </article>
    `;
  }

  #renderChoices({ id }: Say) {
    return html`
      <div class="choices">
        <button @click=${() => tell(this, 'say-again', id)}>${words.sendAgain}</button>
        <button @click=${() => tell(this, 'discard', id)}>${words.discard}</button>
      </div>
    `;
  }
}

function renderAvatar(address: string, nickname: string | undefined) {
  return html`<span class="avatar ${lookOf(address).shape}" aria-hidden="true">${initialOf(nickname, address)}</span>`;
}

function renderSpeaker(address: string, nickname: string | undefined, mine: boolean) {
  if (mine)
    return html`<p class="speaker"><b>${words.you}</b>${nickname ? html` <bdi>${nickname}</bdi>` : ''}</p>`;
  const from = html`<span class="address mono">${address}</span>`;
  return nickname === undefined
    ? html`<p class="speaker nameless">${from}</p>`
    : html`<p class="speaker"><b><bdi>${nickname}</bdi></b> ${from}</p>`;
}

function renderWords(text: string) {
  return text === ''
    ? html`<div class="words none">${words.noWords}</div>`
    : html`<div class="words" dir="auto">${text}</div>`;
}

function renderState(say: Say) {
  switch (say.state) {
    case 'waiting':
      return html`<span class="mark">${words.waiting}</span>`;
    case 'sending':
      return html`<span class="mark">${words.sending}</span>`;
    case 'heard':
      return renderMark('heard', '✓', words.heard);
    case 'unconfirmed':
      return html`<span class="mark doubt">${words.unconfirmed}</span>`;
    case 'failed':
      return html`<span class="mark doubt">${words.failed[say.reason]}</span>`;
  }
}

function renderMark(name: string, sign: string, label: string) {
  return html`<span class="mark ${name}" role="img" aria-label=${label} title=${label}>${sign}</span>`;
}

declare global {
  interface HTMLElementTagNameMap {
    'chat-message': ChatMessage;
  }
}
