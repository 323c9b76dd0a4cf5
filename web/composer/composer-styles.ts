import { css } from 'lit';

export const composerStyles = css`
  :host {
    display: block;
    border-top: 1px solid var(--line);
    background: var(--table);
  }
  form {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr) auto;
    gap: 0 var(--space-2);
    align-items: end;
    max-width: calc(var(--column) + 2 * var(--edge));
    margin: 0 auto;
    padding: var(--space-2) var(--edge) calc(var(--space-2) + env(safe-area-inset-bottom));
    /* The list of suggestions is positioned relative to it. */
    position: relative;
  }
  .field {
    position: relative;
  }
  [aria-disabled="true"] {
    opacity: 0.5;
  }
  textarea {
    field-sizing: content;
    display: block;
    width: 100%;
    min-height: var(--touch);
    /* The log keeps most of a phone whose keyboard is open. */
    max-height: max(var(--touch), min(6 * 1.5em + 1.25rem, 30dvh));
    /* A single line is as high as the button beside it. */
    padding: calc((var(--touch) - 1.5em) / 2 - 1px) var(--space-3);
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
  /* A placeholder that does not fit makes no second line. */
  textarea:placeholder-shown,
  textarea::placeholder {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  textarea:focus-visible {
    border-color: var(--accent);
    outline: 2px solid color-mix(in srgb, var(--accent) 40%, transparent);
    outline-offset: 0;
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
  #complaint,
  .count {
    grid-column: 1 / -1;
    padding-bottom: var(--space-1);
  }
  #complaint {
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
    border-color: var(--bare);
  }
  @media (hover: none) and (pointer: coarse) {
    .new-line {
      display: grid;
    }
    textarea:not(:placeholder-shown) {
      padding-inline-end: var(--touch);
    }
  }
  .primary svg {
    display: none;
  }
  /* The keyboard of a phone is open. */
  @media (max-height: 26rem) {
    form {
      padding-block: var(--space-1) calc(var(--space-1) + env(safe-area-inset-bottom));
    }
    .nudge {
      display: none;
    }
  }
  /* A complaint or a count takes the place of the name, because the log has one line. */
  @media (max-height: 15rem) {
    form {
      padding-block: 2px calc(2px + env(safe-area-inset-bottom));
    }
    #complaint,
    .count {
      grid-column: auto;
      align-self: center;
      max-width: 36vw;
      padding: 0;
      line-height: 1.2;
    }
    #complaint:not([hidden]) + nickname-field,
    .count:not(.nudge) ~ nickname-field,
    .count:has(+ #complaint:not([hidden])) {
      display: none;
    }
  }
  /* The draft needs the width more than the name, until the name has the focus. */
  @media (max-width: 36rem) {
    form:has(textarea:not(:placeholder-shown)) nickname-field:not(:focus-within) {
      --name-width: clamp(4.25rem, 22vw, 5rem);
      --name-padding: 0.375rem;
      --name-size: 0.8125rem;
    }
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
