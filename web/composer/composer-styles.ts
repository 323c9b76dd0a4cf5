import { css } from 'lit';

export const composerStyles = css`
  :host {
    display: block;
    border-top: 1px solid var(--line);
    background: var(--table);
  }
  form {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    gap: 0 var(--space-2);
    align-items: end;
    max-width: calc(var(--column) + 2 * var(--edge));
    margin: 0 auto;
    padding: 0 var(--edge) calc(var(--space-3) + env(safe-area-inset-bottom));
    /* The list of suggestions is positioned relative to it. */
    position: relative;
  }
  .above {
    grid-column: 1 / -1;
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 0 var(--space-4);
  }
  .field {
    position: relative;
  }
  textarea {
    field-sizing: content;
    display: block;
    width: 100%;
    min-height: var(--touch);
    max-height: calc(6 * 1.5em + 1.25rem);
    padding: 0.5625rem var(--space-4);
    border: 1px solid var(--line-strong);
    border-radius: var(--radius);
    background: var(--paper);
    color: var(--ink);
    font: max(16px, 1rem) / 1.5 var(--font);
    resize: none;
    overflow-wrap: anywhere;
  }
  textarea::placeholder {
    color: var(--ink-soft);
    opacity: 1;
  }
  textarea:focus-visible {
    outline-offset: -1px;
  }
  textarea[aria-invalid="true"] {
    border-color: var(--warn);
  }
  #complaint,
  .count {
    margin: 0;
    color: var(--ink-soft);
    font-size: var(--text-small);
    font-variant-numeric: tabular-nums;
    overflow-wrap: anywhere;
  }
  #complaint {
    grid-column: 1 / -1;
    padding-bottom: var(--space-2);
    color: var(--warn);
  }
  .over {
    color: var(--warn);
    font-weight: 600;
  }
  /* On a phone Enter sends, and there is no Shift+Enter. */
  .new-line {
    position: absolute;
    inset: auto 0 0 auto;
    display: none;
    place-items: center;
    padding: 0;
    border-color: transparent;
  }
  @media (hover: none) and (pointer: coarse) {
    .new-line {
      display: grid;
    }
    textarea {
      padding-inline-end: var(--touch);
    }
  }
  .primary svg {
    display: none;
  }
  @media (max-width: 40rem) {
    .primary {
      display: grid;
      place-items: center;
      padding: 0;
    }
    .primary svg {
      display: block;
    }
    .primary span {
      display: none;
    }
  }
`;
