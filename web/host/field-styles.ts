import { css } from 'lit';

/** Styles of the labelled fields of the host's sheet. */
export const fieldStyles = css`
  label,
  h3 {
    display: block;
    margin: 0 0 var(--space-1);
    font: 600 1rem / 1.4 var(--font);
  }
  .row {
    display: flex;
    gap: var(--space-2);
  }
  .row > button,
  .actions > button {
    flex: none;
  }
  input,
  select {
    flex: 1;
    min-width: 0;
    min-height: var(--touch);
    padding: 0 var(--space-3);
    border: 1px solid var(--line-strong);
    border-radius: var(--radius-small);
    background: var(--paper);
    color: var(--ink);
    font: max(16px, 1rem) / 1.5 var(--font);
  }
  .soft {
    margin: var(--space-1) 0 0;
    color: var(--ink-soft);
    font-size: var(--text-small);
  }
  .wrong {
    min-height: 1.5em;
    margin: var(--space-1) 0 0;
    color: var(--warn);
  }
`;
