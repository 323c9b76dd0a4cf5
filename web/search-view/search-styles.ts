import { css } from 'lit';

export const searchStyles = css`
  :host {
    display: block;
    min-height: 0;
    background: var(--paper);
  }
  section {
    display: grid;
    grid-template-rows: auto minmax(0, 1fr);
    height: 100%;
  }
  form,
  .results > * {
    max-width: calc(var(--column) + 2 * var(--edge));
    margin-inline: auto;
    padding-inline: var(--edge);
  }
  form {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    gap: var(--space-2);
    width: 100%;
    padding-block: var(--space-3);
  }
  input {
    min-width: 0;
    min-height: var(--touch);
    padding: 0 var(--space-4);
    border: 1px solid var(--line-strong);
    border-radius: var(--radius);
    background: var(--table);
    color: var(--ink);
    /* A phone zooms into a field with text below 16 px. */
    font: max(16px, 1rem) / 1.5 var(--font);
    text-overflow: ellipsis;
    appearance: none;
  }
  input::placeholder {
    color: var(--ink-soft);
    opacity: 1;
  }
  .results {
    overflow-y: auto;
    overscroll-behavior: contain;
    padding-bottom: var(--space-4);
    scrollbar-color: var(--line-strong) transparent;
  }
  p {
    margin-block: 0 var(--space-2);
    color: var(--ink-soft);
    font-size: var(--text-small);
    overflow-wrap: anywhere;
  }
  .failed {
    color: var(--warn);
  }
  .results > button {
    display: block;
    width: 100%;
    text-align: start;
  }
  ol {
    margin-block: 0;
    list-style: none;
  }
  .old {
    opacity: 0.5;
  }
  li {
    border-bottom: 1px solid var(--line);
  }
  li button {
    display: grid;
    gap: 0.125rem;
    width: 100%;
    padding: var(--space-2) var(--space-1);
    border: 0;
    border-radius: var(--radius-small);
    text-align: start;
  }
  li button:hover {
    background: var(--table);
    color: inherit;
  }
  .who {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0 var(--space-2);
    color: var(--ink-soft);
    font-size: var(--text-small);
  }
  .who b {
    color: var(--ink);
  }
  time {
    margin-inline-start: auto;
    font-variant-numeric: tabular-nums;
  }
  .said {
    overflow-wrap: anywhere;
    white-space: pre-line;
  }
  mark {
    border-radius: 0.125rem;
    background: var(--mine);
    color: var(--accent);
    font-weight: 600;
  }
`;
