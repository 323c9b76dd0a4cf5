import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { emit } from '../ui/events.ts';
import { lazyStrings } from '../ui/lazy-i18n.ts';
import type { Suggestion } from './completion.ts';

export const LIST_ID = 'suggestions';

export function optionId(index: number): string {
  return `suggestion-${index}`;
}

const styles = css`
  completion-list {
    position: absolute;
    z-index: 1;
    inset: auto auto 100% var(--edge);
    display: block;
    width: min(30rem, calc(100% - 2 * var(--edge)));
    max-height: 45dvh;
    overflow-y: auto;
    padding: var(--space-1);
    border: 1px solid var(--line-strong);
    border-radius: var(--radius);
    background: var(--table);
    box-shadow: 0 2px 12px rgb(0 0 0 / 0.18);
  }
  completion-list [role="option"] {
    display: flex;
    align-items: center;
    gap: 0 var(--space-3);
    min-height: var(--touch);
    padding: 0 var(--space-3);
    border-radius: calc(var(--radius) - var(--space-1));
    cursor: pointer;
    touch-action: manipulation;
  }
  completion-list [aria-selected="true"] {
    background: var(--mine);
    outline: 2px solid var(--accent);
    outline-offset: -2px;
  }
  completion-list .sign {
    flex: none;
    width: 1.75rem;
    font-size: 1.375rem;
    text-align: center;
  }
  completion-list .label {
    min-width: 0;
    font-weight: 600;
    overflow-wrap: anywhere;
  }
  completion-list .hint {
    min-width: 0;
    margin-inline-start: auto;
    color: var(--ink-soft);
    font-size: var(--text-small);
    text-align: end;
    overflow-wrap: anywhere;
  }
`;

/**
 * Lists the suggestions for a word. It has no shadow root, because the input refers to the selected option by its id,
 * and ids do not reach into another tree.
 */
@customElement('completion-list')
export class CompletionList extends LitElement {
  @property({ attribute: false }) suggestions: readonly Suggestion[] = [];
  @property({ type: Number }) selected = 0;

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.id = LIST_ID;
    this.setAttribute('role', 'listbox');
    this.setAttribute('aria-label', lazyStrings().suggestions);
    const root = this.getRootNode();
    const { styleSheet } = styles;
    if (!(root instanceof ShadowRoot) || !styleSheet || root.adoptedStyleSheets.includes(styleSheet)) return;
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, styleSheet];
  }

  override render() {
    return this.suggestions.map((choice, index) => this.#renderSuggestion(choice, index));
  }

  #renderSuggestion({ label, sign, hint }: Suggestion, index: number) {
    return html`
      <div
        role="option"
        id=${optionId(index)}
        aria-selected=${index === this.selected}
        @pointerdown=${keepFocus}
        @click=${() => emit(this, 'choose-suggestion', index)}
      >
        ${sign === undefined ? nothing : html`<span class="sign">${sign}</span>`}
        <span class="label"><bdi>${label}</bdi></span>
        ${hint === undefined ? nothing : html`<span class="hint">${hint}</span>`}
      </div>
    `;
  }

  protected override updated(_changed: PropertyValues): void {
    this.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }
}

/** Keeps the focus in the input, so that a phone's keyboard stays open. */
function keepFocus(event: Event): void {
  event.preventDefault();
}

declare global {
  interface HTMLElementTagNameMap {
    'completion-list': CompletionList;
  }
}
