import { css } from 'lit';

/** Others speak on the paper itself; our own words are a card at the other side. */
export const messageStyles = css`
  :host {
    --speaker: hsl(var(--hue) var(--speaker-saturation) var(--speaker-lightness));
    display: block;
    padding-top: 0.125rem;
    contain: content;
  }
  :host([leads]) {
    padding-top: var(--space-4);
  }
  :host(.forged) {
    --speaker: var(--warn);
  }
  :host([found]) article {
    border-radius: var(--radius-small);
    box-shadow: inset 0 0 0 2px var(--accent);
    animation: found 3s ease-in forwards;
  }
  @keyframes found {
    from {
      background: var(--mine);
    }
    to {
      box-shadow: inset 0 0 0 2px transparent;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    :host([found]) article {
      animation: none;
    }
  }
  article {
    display: grid;
    grid-template-columns: 2.25rem minmax(0, 1fr);
    gap: 0 var(--space-3);
    align-items: start;
  }

  .avatar {
    display: grid;
    place-items: center;
    width: 2.25rem;
    height: 2.25rem;
    margin-top: 0.1875rem;
    border: 2px solid var(--speaker);
    font: 600 0.9375rem / 1 var(--font);
    font-variant-numeric: tabular-nums;
    user-select: none;
  }
  .full {
    background: var(--speaker);
    color: var(--paper);
  }
  .pale,
  .forged {
    color: var(--speaker);
  }
  .forged {
    border-style: dashed;
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
  .nameless {
    color: var(--speaker);
    font-weight: 600;
  }
  .address:not(.nameless) {
    color: var(--ink-soft);
  }
  time {
    color: var(--ink-soft);
    font-size: 0.75rem;
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
  }
  article > time {
    line-height: 1.5rem;
    text-align: center;
  }
  @media (hover: hover) {
    article > time {
      opacity: 0;
    }
    article:hover > time {
      opacity: 1;
    }
  }

  .words {
    width: fit-content;
    min-width: 0;
    max-width: 100%;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
    unicode-bidi: plaintext;
  }
  .none {
    color: var(--ink-soft);
    font-style: italic;
  }
  .warning {
    margin: 0;
    font-size: var(--text-small);
  }
  .doubt,
  .warning {
    color: var(--warn);
    font-weight: 600;
  }

  :host(.mine) {
    --speaker: var(--accent);
  }
  :host(.mine) article {
    grid-template-columns: minmax(0, 1fr);
    justify-items: end;
    padding-inline-start: 3rem;
  }
  .bubble {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0 var(--space-3);
    max-width: 100%;
    padding: 0.4375rem 0.875rem;
    border: 1px solid transparent;
    border-radius: var(--radius);
    background: var(--mine);
  }
  :host([leads]) .bubble {
    border-start-end-radius: var(--radius-small);
  }
  :host(.pending) .bubble {
    border: 1px dashed var(--line-strong);
    background: transparent;
  }
  footer {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    justify-content: flex-end;
    gap: 0 var(--space-2);
    margin-inline-start: auto;
    color: var(--ink-soft);
    font-size: 0.75rem;
  }
  .heard {
    color: var(--good);
    font-size: 0.875rem;
    font-weight: 700;
  }
  .choices {
    display: flex;
    flex-wrap: wrap;
  }
`;
