import { css } from 'lit';

export const labStyles = css`
  :host {
    display: grid;
    gap: var(--space-4);
  }
  p,
  h3,
  ol,
  ul {
    margin: 0;
    line-height: 1.4;
  }
  h3,
  label {
    font: 600 1rem / 1.4 var(--font);
  }
  .soft {
    color: var(--ink-soft);
    font-size: var(--text-small);
  }
  .wrong {
    color: var(--warn);
  }
  .wrong:empty {
    display: none;
  }
  .warning {
    padding-inline-start: var(--space-3);
    border-inline-start: 4px solid var(--warn);
    color: var(--warn);
  }
  .status {
    display: flex;
    align-items: baseline;
    gap: var(--space-2);
    font-weight: 600;
    overflow-wrap: anywhere;
  }
  section,
  form,
  .connection {
    display: grid;
    gap: var(--space-2);
  }
  .buttons {
    display: flex;
    flex-wrap: wrap;
    gap: var(--space-2);
  }
  .buttons > * {
    flex: 1 1 auto;
  }
  button:disabled {
    border-style: dashed;
    color: var(--ink-soft);
    cursor: default;
    filter: none;
  }
  button.primary:disabled {
    background: transparent;
  }
  [aria-pressed="true"] {
    background: var(--mine);
  }
  textarea,
  select {
    width: 100%;
    min-height: var(--touch);
    padding: var(--space-2) var(--space-3);
    border: 1px solid var(--line-strong);
    border-radius: var(--radius-small);
    background: var(--paper);
    color: var(--ink);
  }
  textarea {
    resize: vertical;
    font: max(16px, 1rem) / 1.5 var(--font-mono);
  }
  select {
    font: max(16px, 1rem) / 1.5 var(--font);
  }
  .head {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: var(--space-2);
  }
  ol {
    max-height: 20rem;
    overflow-y: auto;
    padding: 0 var(--space-2);
    border: 1px solid var(--line);
    border-radius: var(--radius-small);
    background: var(--paper);
    list-style: none;
    scrollbar-color: var(--line-strong) transparent;
  }
  ol > li {
    display: grid;
    grid-template-columns: 1.25rem minmax(0, 1fr);
    align-items: baseline;
    gap: 0 var(--space-1);
    padding: var(--space-1) 0;
  }
  ol > li + li {
    border-top: 1px solid var(--line);
  }
  .at {
    color: var(--ink-soft);
    font: 0.75rem / 1.4 var(--font-mono);
  }
  .arrow {
    color: var(--accent);
    font-weight: 700;
    text-align: center;
  }
  code {
    font: var(--text-small) / 1.4 var(--font-mono);
    overflow-wrap: anywhere;
    white-space: pre-wrap;
  }
  .dump {
    color: var(--ink-soft);
    font-size: 0.75rem;
  }
  .note {
    font-size: var(--text-small);
  }
  summary {
    min-height: var(--touch);
    padding: var(--space-2) 0;
    border-top: 1px solid var(--line);
    font-weight: 600;
    line-height: 1.75;
    cursor: pointer;
  }
  .more {
    min-height: 0;
    padding: 0;
    border: 0;
    color: var(--ink-soft);
    font-weight: 400;
    font-size: 0.75rem;
  }
  .experiment {
    display: grid;
    gap: var(--space-2);
    padding-block-end: var(--space-3);
  }
  .experiment ul {
    padding: var(--space-2) var(--space-3);
    border-radius: var(--radius-small);
    background: var(--paper);
    list-style: none;
  }
`;
