import { css } from 'lit';

export const messageStyles = css`
  :host {
    display: block;
    padding-top: 0.125rem;
    contain: content;
  }
  :host([leads]) {
    padding-top: var(--space-4);
  }
  article {
    display: grid;
    grid-template-columns: 2.25rem minmax(0, 1fr);
    gap: 0 var(--space-3);
  }
  .body {
    grid-column: 2;
    justify-self: start;
    max-width: 100%;
  }

  .avatar {
    grid-column: 1;
    display: grid;
    place-items: center;
    width: 2.25rem;
    height: 2.25rem;
    background: hsl(var(--hue) var(--speaker-saturation) var(--speaker-lightness));
    color: var(--paper);
    font: 600 0.9375rem / 1 var(--font);
    font-variant-numeric: tabular-nums;
    user-select: none;
  }
  .round {
    border-radius: 50%;
  }
  .soft {
    border-radius: 28%;
  }
  .leaf {
    border-radius: 60% 12%;
  }
  .drop {
    border-radius: 50% 50% 50% 8%;
  }

  .speaker {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0 var(--space-2);
    margin: 0;
    line-height: 1.4;
  }
  .speaker b,
  .nameless .address {
    color: hsl(var(--hue) var(--speaker-saturation) var(--speaker-lightness));
  }
  .address {
    color: var(--ink-soft);
  }
  .nameless .address {
    font-weight: 600;
  }

  .bubble {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0 var(--space-3);
  }
  .words {
    min-width: 0;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
    unicode-bidi: plaintext;
  }
  .none {
    color: var(--ink-soft);
    font-style: italic;
  }
  footer {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0 var(--space-2);
    margin-inline-start: auto;
    color: var(--ink-soft);
    font-size: 0.75rem;
    font-variant-numeric: tabular-nums;
  }
  .heard {
    color: var(--good);
    font-size: 0.875rem;
    font-weight: 700;
  }
  .doubt,
  .warning {
    color: var(--warn);
    font-weight: 600;
  }
  .warning {
    margin: 0;
    font-size: var(--text-small);
  }

  :host(.mine) article {
    display: block;
    padding-inline-start: 3rem;
  }
  :host(.mine) .body {
    display: grid;
    justify-items: end;
  }
  :host(.mine) .speaker b {
    color: var(--accent);
  }
  :host(.mine) .bubble {
    max-width: 100%;
    padding: 0.4375rem 0.875rem;
    border-radius: var(--radius);
    background: var(--mine);
  }
  :host(.mine[leads]) .bubble {
    border-start-end-radius: var(--radius-small);
  }
  :host(.pending) .bubble {
    outline: 1px dashed var(--line-strong);
    outline-offset: -1px;
    background: transparent;
  }
  .choices {
    display: flex;
    flex-wrap: wrap;
    gap: var(--space-2);
    margin: var(--space-2) 0;
  }
  .choices button {
    font-size: var(--text-small);
  }
`;
