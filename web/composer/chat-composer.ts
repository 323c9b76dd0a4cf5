import { html, LitElement, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { longestMessageBytes } from '../client/draft.ts';
import { parts } from '../parts/parts.ts';
import { rareStrings } from '../parts/rare-strings.ts';
import type { Speaker } from '../timeline/recent-speakers.ts';
import { type Command, parseCommand } from './commands.ts';
import type { Replacement } from './completion.ts';
import { composerStyles } from './composer-styles.ts';
import { InputHistory } from './input-history.ts';
import { LazyCompletion } from './lazy-completion.ts';
import { excessOf, isManyMessages, joinLines } from './paste-limits.ts';
import './nickname-field.ts';
import { emit, type PageEvent } from '../ui/events.ts';
import { t } from '../ui/i18n.ts';
import type { LazyStrings } from '../ui/lazy-strings.ts';
import { keyOf } from '../ui/pressed-key.ts';
import { sharedStyles } from '../ui/shared-styles.ts';
import { fit, hasFiles, inPlaceOfSelection, isCaretAtEdge, replaceIn } from './text-area.ts';

/** The byte count is shown from this fraction of the limit on. */
const COUNT_FROM = 0.8;
/** Types of input that a key makes. Undo and paste have other types. */
const TYPED = /^insert(Composition)?Text$/;

type Muted = 'paused' | 'silenced';

/** A text in the current language. It may load first. */
type Saying = (strings: LazyStrings) => string;

/** Edits and sends messages. It stays open while the room is away, because messages wait in the outbox. */
@customElement('chat-composer')
export class ChatComposer extends LitElement {
  static override styles = [sharedStyles, composerStyles];

  @property() draft = '';
  @property() nickname = '';
  /** Limit of the gateway; undefined until the gateway has sent it. */
  @property({ type: Number }) maxBytes: number | undefined;
  @property({ attribute: false }) speakers: () => readonly Speaker[] = () => [];
  /** A host lets nobody, or not this person, send. The draft is kept. */
  @property() muted: Muted | undefined;
  @state() private complaint: Saying | undefined;
  /** A message was sent from this page. */
  @state() private hasSent = false;
  /** Text for screen readers. */
  @state() private announcement: string | Saying = '';
  /** Pasted lines that wait for the person's decision. */
  @state() private pasted: Replacement | undefined;
  @query('textarea') private readonly message!: HTMLTextAreaElement;
  /** A longer placeholder would be cut. */
  readonly #narrow = matchMedia('(max-width: 36rem)');
  readonly #sent = new InputHistory();
  readonly #completion = new LazyCompletion({
    speakers: () => this.speakers(),
    replace: (replacement) => replaceIn(this.message, replacement),
    changed: (announcement) => {
      this.announcement = announcement;
      this.requestUpdate();
    },
  });

  constructor() {
    super();
    this.#narrow.onchange = () => this.requestUpdate();
  }

  override render() {
    return html`
      <form aria-label=${t.compose} @submit=${this.#onFormSubmit}>
        ${this.#renderCount()}
        <p id="complaint" role="alert" ?hidden=${this.complaint === undefined}>${this.#say(this.complaint)}</p>
        <nickname-field .nickname=${this.nickname} .hint=${this.#narrow.matches ? t.shortHints.nickname : t.nicknameHint} @focus-composer=${this.focusMessage}></nickname-field>
        <div class="field">${this.#renderMessage()} ${this.draft === '' ? nothing : this.#renderNewLine()}</div>
        <button class="primary" aria-label=${t.send} aria-disabled=${this.muted !== undefined}>
          <span>${t.send}</span>
          <svg viewBox="0 0 24 24" width="22" aria-hidden="true" fill="currentColor"><path d="M3 4l18 8-18 8 3-8z" /></svg>
        </button>
        ${this.#renderSuggestions()}
        <p class="aloud" aria-live="polite">${this.#say(this.announcement)}</p>
      </form>
      ${this.#renderPasteQuestion()}
    `;
  }

  /** The role stays `textbox` because a `combobox` has a single line. */
  #renderMessage() {
    const { suggestions, selected } = this.#completion;
    return html`
      <textarea
        rows="1"
        dir="auto"
        aria-label=${t.message}
        aria-invalid=${this.#isTooLong || this.complaint !== undefined}
        aria-describedby="count complaint"
        aria-autocomplete="list"
        aria-haspopup="listbox"
        aria-controls=${suggestions.length > 0 ? 'suggestions' : nothing}
        aria-activedescendant=${suggestions.length > 0 ? `suggestion-${selected}` : nothing}
        placeholder=${this.#narrow.matches ? t.shortHints.message : t.messageHint}
        enterkeyhint="send"
        @beforeinput=${this.#onMessageBeforeInput}
        @input=${this.#onMessageInput}
        @keydown=${this.#onMessageKeydown}
        @keyup=${this.#onMessageKeyup}
        @click=${this.#onMessageClick}
        @blur=${this.#onMessageBlur}
        @paste=${this.#onMessagePaste}
      ></textarea>
    `;
  }

  /** Inserts a new line on devices without Shift+Enter. */
  #renderNewLine() {
    return html`
      <button type="button" class="new-line" aria-label=${t.newLine} title=${t.newLine} @click=${this.#onNewLineClick}>
        <svg viewBox="0 0 24 24" width="20" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">
          <path d="M19 5v7a3 3 0 0 1-3 3H5m4-4-4 4 4 4" />
        </svg>
      </button>
    `;
  }

  #renderCount() {
    const longest = longestMessageBytes(this.draft, this.nickname);
    const { maxBytes } = this;
    if (maxBytes === undefined || longest < maxBytes * COUNT_FROM) return this.#renderNudge();
    const count = t.bytes(longest, maxBytes);
    return longest > maxBytes
      ? html`<p id="count" class="count over" role="alert">${count}. ${t.tooLong}</p>`
      : html`<p id="count" class="count">${count}</p>`;
  }

  /** Asks for a name before the first message. */
  #renderNudge() {
    if (this.draft === '' || this.nickname !== '' || this.hasSent) return nothing;
    return html`<p class="count nudge">${t.nudge}</p>`;
  }

  #renderSuggestions() {
    const { suggestions, selected } = this.#completion;
    if (suggestions.length === 0) return nothing;
    return html`
      <completion-list .suggestions=${suggestions} .selected=${selected} @choose-suggestion=${this.#onChooseSuggestion}></completion-list>
    `;
  }

  #renderPasteQuestion() {
    if (this.pasted === undefined) return nothing;
    return html`<paste-question .text=${this.#withPasted(this.pasted)} @answer-paste=${this.#onAnswerPaste}></paste-question>`;
  }

  #say(text: string | Saying | undefined) {
    if (typeof text !== 'function') return text;
    const strings = rareStrings(this);
    return strings && text(strings);
  }

  focusMessage(): void {
    this.message.focus();
  }

  /** Answers a picture or a file that was pasted or dropped. */
  refuseFiles(): void {
    this.complaint = (strings) => strings.noFiles;
  }

  protected override firstUpdated(): void {
    // On a phone the focus would open the keyboard over the log.
    if (matchMedia('(hover: hover) and (pointer: fine), (pointer: none)').matches) this.focusMessage();
  }

  protected override updated(changed: Map<string, unknown>): void {
    if (changed.get('muted')) this.complaint = undefined;
    if (!changed.has('draft')) return;
    if (this.message.value !== this.draft) this.message.value = this.draft;
    fit(this.message);
  }

  get #isTooLong(): boolean {
    return this.maxBytes !== undefined && longestMessageBytes(this.draft, this.nickname) > this.maxBytes;
  }

  #write(draft: string): void {
    this.draft = draft;
    this.complaint = undefined;
    emit(this, 'set-draft', draft);
  }

  /** Checks drops and pastes of the browser itself. A single key adds too little to check. */
  #onMessageBeforeInput(event: InputEvent): void {
    const { data } = event;
    if (data !== null && data.length > 1 && this.#refuseExcess(data)) event.preventDefault();
  }

  #onMessageInput({ inputType }: InputEvent): void {
    this.#write(this.message.value);
    this.#updateCompletion(TYPED.test(inputType));
  }

  #onMessageKeydown(event: KeyboardEvent): void {
    const key = keyOf(event);
    if (key === undefined) return;
    const { shiftKey, altKey, ctrlKey, metaKey } = event;
    const isPlain = !(shiftKey || altKey || ctrlKey || metaKey);
    if (isPlain && (this.#completion.handleKey(key) || this.#walk(key))) event.preventDefault();
    else if (key === 'Enter' && !shiftKey) {
      event.preventDefault();
      this.#send();
    }
  }

  #onMessageKeyup({ key }: KeyboardEvent): void {
    if (['ArrowLeft', 'ArrowRight', 'Home', 'End'].includes(key)) this.#updateCompletion(false);
  }

  #onMessageClick(): void {
    this.#updateCompletion(false);
  }

  #onMessageBlur(): void {
    this.#completion.close();
  }

  /** Moves through sent texts. Returns false when the key has another meaning here. */
  #walk(key: string): boolean {
    if ((key !== 'ArrowUp' && key !== 'ArrowDown') || !isCaretAtEdge(this.message, key)) return false;
    const text = key === 'ArrowUp' ? this.#sent.older(this.draft) : this.#sent.newer(this.draft);
    if (text === undefined) return false;
    this.#write(text);
    return true;
  }

  #updateCompletion(isTyped: boolean): void {
    void this.#completion.update(this.message, isTyped);
  }

  #onChooseSuggestion({ detail }: PageEvent<'choose-suggestion'>): void {
    this.#completion.choose(detail);
  }

  #onNewLineClick(): void {
    replaceIn(this.message, inPlaceOfSelection(this.message, '\n'));
  }

  #onMessagePaste(event: ClipboardEvent): void {
    const text = event.clipboardData?.getData('text/plain').replace(/\r\n?/g, '\n') ?? '';
    if (text === '' && hasFiles(event.clipboardData)) this.refuseFiles();
    const isRefused = this.#refuseExcess(text);
    if (!isRefused && !isManyMessages(text)) return;
    event.preventDefault();
    if (!isRefused) void this.#askAboutPaste(inPlaceOfSelection(this.message, text));
  }

  /** Complains when the draft would be too large with `text` in place of the selection. */
  #refuseExcess(text: string): boolean {
    const excess = excessOf(this.#withPasted(inPlaceOfSelection(this.message, text)), this.maxBytes);
    if (excess === undefined) return false;
    this.complaint = ({ tooMuch }) => tooMuch[excess.of](excess.count, excess.max);
    return true;
  }

  /** Inserts the text without a question when the question can't be loaded. */
  async #askAboutPaste(replacement: Replacement): Promise<void> {
    try {
      await parts.load('paste-question');
      this.pasted = replacement;
    } catch {
      replaceIn(this.message, replacement);
    }
  }

  #withPasted({ start, end, text }: Replacement): string {
    return this.draft.slice(0, start) + text + this.draft.slice(end);
  }

  async #onAnswerPaste({ detail: way }: PageEvent<'answer-paste'>): Promise<void> {
    const { pasted } = this;
    this.pasted = undefined;
    if (pasted === undefined) return;
    if (way === 'send') {
      this.#write(this.#withPasted(pasted));
      this.#send();
    }
    await this.updateComplete;
    this.focusMessage();
    if (way === 'insert') replaceIn(this.message, pasted);
    if (way === 'join') replaceIn(this.message, { ...pasted, text: joinLines(pasted.text) });
  }

  #onFormSubmit(event: SubmitEvent): void {
    event.preventDefault();
    this.#send();
    this.focusMessage();
  }

  /** Keeps the draft when it can't be sent or executed. */
  #send(): void {
    if (this.draft.trim() === '' || this.#isTooLong) return;
    const command = parseCommand(this.draft);
    this.#completion.close();
    this.complaint = complaintAbout(command, this.muted);
    if (this.complaint !== undefined) return;
    this.#sent.add(this.draft);
    this.hasSent = true;
    this.#write('');
    this.#execute(command);
  }

  #execute(command: Command): void {
    if (command.name === 'send') emit(this, 'send', command.text);
    if (command.name === 'leave') emit(this, 'leave');
    if (command.name === 'help') emit(this, 'open-sheet', 'help');
    if (command.name !== 'nick') return;
    this.announcement = (strings) => strings.nowCalled(command.nickname);
    emit(this, 'set-nickname', command.nickname);
  }
}

function complaintAbout(command: Command, muted: Muted | undefined): Saying | undefined {
  if (command.name === 'send' && muted) return (strings) => strings.failed[muted];
  if (command.name === 'unknown') return (strings) => strings.unknownCommand(command.command);
  return command.name === 'bad-nick' ? (strings) => strings.badNickname : undefined;
}

declare global {
  interface HTMLElementTagNameMap {
    'chat-composer': ChatComposer;
  }
}
