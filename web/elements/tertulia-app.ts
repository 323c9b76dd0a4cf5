import { css, html, LitElement } from 'lit';
import { customElement, query } from 'lit/decorators.js';
import { VisitController } from '../visit-controller.ts';
import './chat-composer.ts';
import type { ChatComposer } from './chat-composer.ts';
import './chat-log.ts';
import type { ChatLog } from './chat-log.ts';
import './farewell-panel.ts';
import type { PageEvent } from './page-events.ts';
import './room-header.ts';
import { sharedStyles } from './shared-styles.ts';

const TITLE = 'Tertulia';

@customElement('tertulia-app')
export class TertuliaApp extends LitElement {
  static override styles = [
    sharedStyles,
    css`
      :host {
        display: grid;
        grid-template-rows: auto minmax(0, 1fr) auto;
        height: 100vh;
        height: 100dvh;
      }
      main {
        display: grid;
        min-height: 0;
      }
    `,
  ];

  readonly #visit = new VisitController(this).visit;
  @query('chat-log') private readonly chatLog!: ChatLog;
  @query('chat-composer') private readonly composer!: ChatComposer | null;

  override render() {
    const { presence, lines, unread, isCatchingUp } = this.#visit;
    return html`
      <room-header .presence=${presence} @leave=${this.#onLeave}></room-header>
      <main>
        <chat-log
          .lines=${lines}
          .unread=${unread}
          .isCatchingUp=${isCatchingUp}
          @at-newest=${this.#onAtNewest}
          @say-again=${this.#onSayAgain}
          @discard=${this.#onDiscard}
          @to-composer=${this.#onToComposer}
        ></chat-log>
      </main>
      ${presence.name === 'left' ? this.#renderFarewell() : this.#renderComposer()}
    `;
  }

  #renderFarewell() {
    return html`<farewell-panel @come-back=${this.#onComeBack}></farewell-panel>`;
  }

  #renderComposer() {
    return html`
      <chat-composer
        .draft=${this.#visit.draft}
        .nickname=${this.#visit.nickname}
        .maxBytes=${this.#visit.limits?.textBytes}
        @say=${this.#onSay}
        @draft=${this.#onDraft}
        @nickname=${this.#onNickname}
      ></chat-composer>
    `;
  }

  protected override updated(): void {
    const { unread } = this.#visit;
    document.title = unread > 0 ? `(${unread}) ${TITLE}` : TITLE;
  }

  #onSay({ detail }: PageEvent<'say'>): void {
    this.#visit.setDraft(this.#visit.say(detail));
    this.chatLog.showNewest();
    this.requestUpdate();
  }

  #onDraft({ detail }: PageEvent<'draft'>): void {
    this.#visit.setDraft(detail);
  }

  #onNickname({ detail }: PageEvent<'nickname'>): void {
    this.#visit.setNickname(detail);
  }

  #onSayAgain({ detail }: PageEvent<'say-again'>): void {
    this.#visit.sayAgain(detail);
    this.#onToComposer();
  }

  #onDiscard({ detail }: PageEvent<'discard'>): void {
    this.#visit.discard(detail);
    this.#onToComposer();
  }

  #onAtNewest({ detail }: PageEvent<'at-newest'>): void {
    this.#visit.look({ atNewest: detail });
  }

  #onToComposer(): void {
    this.composer?.focusMessage();
  }

  #onLeave(): void {
    this.#visit.leave();
  }

  #onComeBack(): void {
    this.#visit.enter();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'tertulia-app': TertuliaApp;
  }
}
