import { html, LitElement, nothing, type PropertyValues } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { LAB_WRITE_MAX_BYTES } from '../../gateway/protocol.ts';
import { t } from '../ui/i18n.ts';
import { lightStyles, sharedStyles } from '../ui/shared-styles.ts';
import { escapeBytes, hexDump, parseEscapes } from './escapes.ts';
import { EXPERIMENTS, type ExperimentName, type LabStep } from './experiments.ts';
import { LabClient, type LabEntry, type LabNote, type LabState } from './lab-client.ts';
import { labStrings } from './lab-strings.ts';
import { labStyles } from './lab-styles.ts';
import { openLabSocket } from './open-lab-socket.ts';

/** Bytes of an entry that are shown at once as text, and as digits: some lines of a phone. */
const SHOWN_BYTES = 256;
const DUMPED_BYTES = 64;

/** Distance from the end within which the list follows it, px: about one entry. */
const FOLLOWED_PX = 60;

const PAUSES_MS = { none: 0, short: 100, long: 1000 } as const;

type Pause = keyof typeof PAUSES_MS;

const FEWEST_LINES = 2;
const MOST_LINES = 8;

/** A raw connection into the room: what goes out, what comes in, and ready-made experiments. */
@customElement('lab-sheet')
export class LabSheet extends LitElement {
  static override styles = [sharedStyles, lightStyles, labStyles];

  @state() private text = labStrings().example;
  @state() private pause: Pause = 'none';
  @state() private wrong = '';
  @query('ol') private readonly list!: HTMLElement | null;
  #isFollowing = true;
  readonly #client = new LabClient({
    openSocket: openLabSocket,
    wait: (ms) => new Promise((done) => setTimeout(done, ms)),
    changed: () => this.requestUpdate(),
  });

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#client.close();
  }

  /** A flood has one rendering for each frame. */
  protected override async scheduleUpdate(): Promise<void> {
    await new Promise(requestAnimationFrame);
    super.scheduleUpdate();
  }

  protected override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    const { list } = this;
    this.#isFollowing = !list || list.scrollHeight - list.scrollTop - list.clientHeight < FOLLOWED_PX;
  }

  protected override updated(): void {
    if (this.#isFollowing && this.list) this.list.scrollTop = this.list.scrollHeight;
  }

  override render() {
    const strings = labStrings();
    return html`
      <p>${strings.intro}</p>
      ${this.#renderConnection()} ${this.#renderForm()} ${this.#renderActs()} ${this.#renderList()}
      <section aria-labelledby="experiments">
        <h3 id="experiments">${strings.experiments}</h3>
        <p class="soft">${strings.experimentsHint}</p>
        <div>${(Object.keys(EXPERIMENTS) as ExperimentName[]).map((name) => this.#renderExperiment(name))}</div>
      </section>
    `;
  }

  #renderConnection() {
    const strings = labStrings();
    const { state } = this.#client;
    const isActive = state.name === 'connecting' || state.name === 'open';
    return html`
      <div class="connection">
        <p class="status" role="status"><span class="light ${state.name === 'open' && !state.hasReceivedFin ? 'on' : ''}"></span><span>${statusOf(state)}</span></p>
        <div class="buttons">
          <button class=${isActive ? '' : 'primary'} @click=${this.#onConnectClick}>
            ${isActive ? strings.close : strings.connect}
          </button>
        </div>
        <p class="soft">${strings.closeHint}</p>
      </div>
    `;
  }

  #renderForm() {
    const strings = labStrings();
    const { state, isRunning } = this.#client;
    const rows = Math.min(MOST_LINES, Math.max(FEWEST_LINES, this.text.split('\n').length));
    const canWrite = !isRunning && !(state.name === 'open' && state.hasSentFin);
    return html`
      <form @submit=${this.#onSubmit} @keydown=${this.#onFormKeydown}>
        <label for="text">${strings.text}</label>
        <textarea
          id="text"
          rows=${rows}
          spellcheck="false"
          autocomplete="off"
          autocapitalize="off"
          aria-describedby="text-hint wrong"
          aria-invalid=${this.wrong === '' ? nothing : 'true'}
          .value=${this.text}
          @input=${this.#onTextInput}
        ></textarea>
        <p id="text-hint" class="soft">${strings.textHint}</p>
        <p id="wrong" class="wrong" role="alert">${this.wrong}</p>
        <label for="pause">${strings.pause}</label>
        <select id="pause" @change=${this.#onPauseChange}>
          ${Object.entries(strings.pauses).map(
            ([pause, label]) =>
              html`<option value=${pause} ?selected=${pause === this.pause}>${label}</option>`,
          )}
        </select>
        <div class="buttons"><button class="primary" ?disabled=${!canWrite}>${strings.write}</button></div>
      </form>
    `;
  }

  #renderActs() {
    const strings = labStrings();
    const { state } = this.#client;
    const open = state.name === 'open' ? state : undefined;
    return html`
      <div class="buttons">
        <button ?disabled=${!open || open.hasSentFin} @click=${() => this.#client.sendFin()}>${strings.fin}</button>
        <button ?disabled=${!open} @click=${() => this.#client.reset()}>${strings.reset}</button>
        <button
          ?disabled=${!open}
          aria-pressed=${open?.isReading === false}
          @click=${() => this.#client.setReading(open?.isReading === false)}
        >
          ${strings.stopReading}
        </button>
      </div>
    `;
  }

  #renderList() {
    const strings = labStrings();
    const { entries } = this.#client;
    return html`
      <section aria-labelledby="happened">
        <div class="head">
          <h3 id="happened">${strings.happened}</h3>
          ${entries.length === 0 ? nothing : html`<button class="quiet" @click=${() => this.#client.clear()}>${strings.clear}</button>`}
        </div>
        ${
          entries.length === 0
            ? html`<p class="soft">${strings.nothingYet}</p>`
            : html`<ol tabindex="0" aria-labelledby="happened">${repeat(entries, ({ key }) => key, renderEntry)}</ol>`
        }
      </section>
    `;
  }

  #renderExperiment(name: ExperimentName) {
    const strings = labStrings();
    const { title, expect, warning, why } = strings.of[name];
    return html`
      <details name="experiment">
        <summary>${title}</summary>
        <div class="experiment">
          <p>${expect}</p>
          ${warning === undefined ? nothing : html`<p class="warning">${warning}</p>`}
          <ul>${EXPERIMENTS[name].map((step) => html`<li><code>${stepText(step)}</code></li>`)}</ul>
          <div class="buttons">
            <button class="primary" aria-label="${strings.run}: ${title}" ?disabled=${this.#client.isRunning} @click=${() => this.#run(EXPERIMENTS[name])}>
              ${strings.run}
            </button>
          </div>
          <details>
            <summary>${strings.why}</summary>
            <p>${why}</p>
          </details>
        </div>
      </details>
    `;
  }

  async #run(steps: readonly LabStep[]): Promise<void> {
    const done = this.#client.runExperiment(steps);
    await this.updateComplete;
    this.renderRoot.querySelector('#happened')?.scrollIntoView({ block: 'nearest' });
    await done;
  }

  #onConnectClick(): void {
    const { name } = this.#client.state;
    if (name === 'connecting' || name === 'open') this.#client.close();
    else this.#client.connect();
  }

  #onTextInput({ target }: Event): void {
    this.text = (target as HTMLTextAreaElement).value;
    this.wrong = '';
  }

  #onPauseChange({ target }: Event): void {
    this.pause = (target as HTMLSelectElement).value as Pause;
  }

  /** Enter starts a line, which is another write. */
  #onFormKeydown(event: KeyboardEvent): void {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    (event.currentTarget as HTMLFormElement).requestSubmit();
  }

  #onSubmit(event: SubmitEvent): void {
    event.preventDefault();
    const lines = this.text.split('\n');
    this.wrong = lines.map(problemOf).find((problem) => problem !== '') ?? '';
    const texts = lines.filter((line) => line !== '');
    if (texts.length === 0) this.wrong = labStrings().nothing;
    if (this.wrong === '') void this.#client.run(stepsOf(texts, PAUSES_MS[this.pause]));
  }
}

function statusOf(state: LabState): string {
  const strings = labStrings();
  switch (state.name) {
    case 'idle':
      return strings.idle;
    case 'connecting':
      return strings.connecting;
    case 'open':
      return openStatusOf(state);
    case 'ended':
      return strings.outcomes[state.outcome];
  }
}

function openStatusOf(state: LabState & { name: 'open' }): string {
  const strings = labStrings();
  if (state.hasReceivedFin) return strings.notes['fin-received'];
  if (state.hasSentFin) return strings.notes['fin-sent'];
  return strings.connectedAs(state.address);
}

/** Returns the reason why a line can't be written, or ''. */
function problemOf(line: string, index: number): string {
  const strings = labStrings();
  const bytes = parseEscapes(line);
  if ('sequence' in bytes) return strings.badEscape(index + 1, bytes.sequence);
  if (bytes.length <= LAB_WRITE_MAX_BYTES) return '';
  return strings.tooLong(index + 1, LAB_WRITE_MAX_BYTES.toLocaleString(t.code));
}

function stepsOf(texts: string[], pauseMs: number): LabStep[] {
  const pauses: LabStep[] = pauseMs === 0 ? [] : [{ name: 'wait', ms: pauseMs }];
  return texts.flatMap((text, index): LabStep[] => [...(index === 0 ? [] : pauses), { name: 'write', text }]);
}

function stepText(step: LabStep): string {
  const strings = labStrings();
  switch (step.name) {
    case 'write':
      return step.text.length > SHOWN_BYTES / 2
        ? `${step.text.slice(0, SHOWN_BYTES / 4)}… ${step.text.slice(-12)}`
        : step.text;
    case 'wait':
      return strings.stepPause((step.ms / 1000).toLocaleString(t.code));
    default:
      return strings.steps[step.name];
  }
}

function renderEntry(entry: LabEntry) {
  if (entry.kind === 'note') {
    return html`<li><span class="arrow" aria-hidden="true">·</span><div>${renderTime(entry)}<span class="note">${noteText(entry.note)}</span></div></li>`;
  }
  const strings = labStrings();
  const isSent = entry.kind === 'sent';
  return html`
    <li>
      <span class="arrow"><span aria-hidden="true">${isSent ? '→' : '←'}</span><span class="aloud">${isSent ? strings.sent : strings.received}</span></span>
      <div>${renderTime(entry)}${renderBytes(entry.bytes)}</div>
    </li>
  `;
}

function renderTime({ at }: LabEntry) {
  const digits = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
  const time = `${at.toLocaleString(t.code, digits)} ms`;
  return html`<div class="at">${time}</div>`;
}

function renderBytes(bytes: Uint8Array) {
  const count = labStrings().bytes(bytes.length);
  if (bytes.length <= DUMPED_BYTES) {
    return html`<code>${escapeBytes(bytes)}</code><br /><code class="dump">${hexDump(bytes)} · ${count}</code>`;
  }
  const isShort = bytes.length <= SHOWN_BYTES;
  return html`
    <code>${isShort ? escapeBytes(bytes) : excerptOf(bytes)}</code>
    <details>
      <summary class="more">${count}</summary>
      ${isShort ? nothing : html`<code>${escapeBytes(bytes)}</code><br />`}
      <code class="dump">${hexDump(bytes)}</code>
    </details>
  `;
}

function excerptOf(bytes: Uint8Array): string {
  return `${escapeBytes(bytes.subarray(0, SHOWN_BYTES / 2))} … ${escapeBytes(bytes.subarray(-SHOWN_BYTES / 4))}`;
}

function noteText(note: LabNote): string {
  const strings = labStrings();
  switch (note.of) {
    case 'open':
      return strings.connectedAs(note.address);
    case 'ended':
      return strings.outcomes[note.outcome];
    case 'waiting':
    case 'skipped':
      return strings[note.of](note.bytes);
    default:
      return strings.notes[note.of];
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'lab-sheet': LabSheet;
  }
}
