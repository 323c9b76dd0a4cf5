import { css } from 'lit';

/** Messages of others are drawn on the page itself, own messages as a card at the other side. */
export const messageStyles = css`
  chat-message {
    --speaker: hsl(var(--hue) var(--speaker-saturation) var(--speaker-lightness));
    position: relative;
    display: grid;
    grid-template-columns: 2.25rem minmax(0, 1fr);
    gap: 0 var(--space-3);
    align-items: start;
    padding-top: 0.125rem;
    border-radius: var(--radius-small);
    contain: layout style;
  }
  chat-message.leads {
    padding-top: var(--space-4);
  }
  /* The keyboard of a phone is open. */
  @media (max-height: 26rem) {
    chat-message.leads {
      padding-top: var(--space-1);
    }
  }
  chat-message.forged {
    --speaker: var(--warn);
  }
  chat-message.found {
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
    chat-message.found {
      animation: none;
    }
  }

  /* Date and time to the second, for a message that has the focus by key or touch. */
  chat-message:focus-visible::after {
    content: attr(data-at);
    position: absolute;
    z-index: 1;
    inset: auto 0 100% auto;
    max-width: 100%;
    padding: 0 var(--space-2);
    border-radius: var(--radius-small);
    background: var(--ink);
    color: var(--paper);
    font-size: 0.75rem;
  }
  @media (hover: none) {
    chat-message:focus::after {
      content: attr(data-at);
      grid-column: 1 / -1;
      color: var(--ink-soft);
      font-size: 0.75rem;
      text-align: end;
    }
  }
  chat-message:focus-visible {
    z-index: 1;
    outline-offset: -1px;
  }
  chat-message:focus:not(:focus-visible) {
    outline: none;
  }

  .avatar {
    margin-top: 0.1875rem;
  }
  .unknown {
    border-style: dashed;
    color: var(--speaker);
  }
  .mentioned .words {
    padding-inline: var(--space-2);
    border-inline-start: 3px solid var(--accent);
    border-radius: var(--radius-small);
    background: color-mix(in srgb, var(--accent) 12%, transparent);
  }

  .speaker {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0 var(--space-2);
    margin: 0;
    line-height: 1.4;
  }
  .note {
    font-size: 0.75rem;
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
  chat-message > time {
    line-height: 1.5rem;
    text-align: center;
  }
  @media (hover: hover) {
    chat-message > time {
      opacity: 0;
    }
    chat-message:hover > time,
    chat-message:focus-visible > time {
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
    tab-size: 4;
  }
  .none {
    color: var(--ink-soft);
    font-style: italic;
  }
  .words.mono {
    line-height: 1.5rem;
  }
  .emojis {
    font-size: 2rem;
    line-height: 1.3;
  }
  .words a {
    color: var(--accent);
    text-underline-offset: 0.15em;
    /* A URL reads from left to right, whatever the text around it. */
    direction: ltr;
    unicode-bidi: isolate;
  }
  .words code {
    padding: 0.0625rem 0.25rem;
    border-radius: var(--radius-small);
    background: color-mix(in srgb, var(--ink) 8%, transparent);
    font: var(--text-small) / 1.5 var(--font-mono);
    direction: ltr;
    unicode-bidi: isolate;
  }
  .words.blocks {
    width: 100%;
  }
  .words pre {
    min-height: var(--touch);
    margin: var(--space-1) 0;
    padding: var(--space-2) var(--space-3);
    border: 1px solid var(--edge-line);
    border-radius: var(--radius-small);
    background: color-mix(in srgb, var(--ink) 8%, transparent);
    white-space: pre-wrap;
  }
  .words pre code {
    padding: 0;
    background: none;
  }
  /* As large as its button, which is loaded later. */
  copy-code {
    float: right;
    width: 5rem;
    height: var(--touch);
    margin: calc(-1 * var(--space-2)) calc(-1 * var(--space-3)) 0 var(--space-2);
    user-select: none;
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

  .mine {
    --speaker: var(--accent);
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
    border: 1px solid var(--edge-line);
    border-radius: var(--radius);
    background: var(--mine);
  }
  .leads .bubble {
    border-start-end-radius: var(--radius-small);
  }
  .pending .bubble {
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
  /* A tick. As a character it would need another font, whose search takes a slow machine 50 ms. */
  .heard {
    width: 0.3125rem;
    height: 0.625rem;
    margin: 0 0.1875rem 0 0.125rem;
    border: solid var(--good);
    border-width: 0 2px 2px 0;
    rotate: 45deg;
  }
  .retry {
    display: flex;
    flex-wrap: wrap;
  }
`;
