import { css } from 'lit';

/** Messages of others are drawn on the page itself, own messages as a card at the other side. */
export const messageStyles = css`
  chat-message {
    --speaker: oklch(var(--speaker-lightness) var(--speaker-chroma) var(--hue));
    position: relative;
    display: grid;
    grid-template-columns: var(--avatar) minmax(0, 1fr);
    gap: 0 var(--space-3);
    align-items: start;
    --above: 0.125rem;
    padding-top: var(--above);
    contain: layout style;
  }
  chat-message.leads {
    --above: var(--group-gap);
  }
  /* The keyboard of a phone is open. */
  @media (max-height: 26rem) {
    chat-message.leads {
      --above: var(--space-1);
    }
  }
  chat-message.forged {
    --speaker: var(--warn);
  }
  /* A frame is wider than the message, because it would cut the avatar, and leaves the space above the message free. */
  chat-message.found::before,
  chat-message:focus-visible::before {
    content: "";
    position: absolute;
    z-index: -1;
    inset: calc(var(--above) - 0.25rem) -0.375rem -0.25rem;
    border: 2px solid var(--accent);
    border-radius: var(--radius-small);
  }
  chat-message:focus-visible::before {
    border-width: 3px;
  }
  chat-message.found:not(:focus-visible)::before {
    animation: found 3s ease-in forwards;
  }
  @keyframes found {
    from {
      background: var(--mine);
    }
    to {
      border-color: transparent;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    chat-message.found:not(:focus-visible)::before {
      animation: none;
    }
  }

  /* Date and time to the second, for a message that has the focus by key or touch. */
  chat-message:focus-visible::after {
    content: attr(data-info);
    position: absolute;
    z-index: 1;
    inset: auto 0 calc(100% - var(--above) + 0.25rem) auto;
    max-width: 100%;
    padding: 0 var(--space-2);
    border-radius: var(--radius-small);
    background: var(--ink);
    color: var(--paper);
    font-size: 0.75rem;
  }
  @media (hover: none) {
    chat-message:focus::after {
      content: attr(data-info);
      grid-column: 1 / -1;
      padding-inline-start: calc(var(--avatar) + var(--space-3));
      color: var(--ink-soft);
      font-size: 0.75rem;
    }
    chat-message.mine:focus::after {
      text-align: end;
    }
  }
  chat-message:focus-visible {
    z-index: 1;
  }
  chat-message:focus {
    outline: none;
  }

  .avatar {
    margin-top: 0.125rem;
  }
  .unknown {
    border: 2px dashed;
  }
  chat-message.mentioned .words {
    margin-block: 0;
    padding-block: 0;
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
    line-height: var(--name-height);
  }
  /* The time takes 2.75rem beside a name. A remark that does not fit beside them has the next line. */
  chat-message:not(.mine) .speaker b {
    max-width: calc(100% - 2.75rem);
    cursor: pointer;
  }
  .speaker b:hover {
    text-decoration: underline;
  }
  .mine .speaker b:hover {
    text-decoration: none;
  }
  .note {
    font-size: 0.75rem;
    overflow-wrap: anywhere;
  }
  .speaker b {
    color: var(--speaker);
    font-weight: 600;
    overflow-wrap: anywhere;
  }
  /* Stacked accents stay near their line. Taller scripts have room. */
  .speaker b,
  .words {
    overflow: visible clip;
    margin-block: -0.25rem;
    padding-block: 0.25rem;
  }
  /* Smaller text does not make the line of the name higher. */
  .speaker time,
  .speaker span.address {
    line-height: 1;
  }
  .speaker span.address {
    flex: 1;
    overflow: hidden;
    /* It fits into any rest of the line, also without the gap. */
    margin-inline-start: calc(-1 * var(--space-2));
    text-indent: var(--space-2);
    color: var(--ink-soft);
    white-space: nowrap;
    text-overflow: ellipsis;
  }
  chat-message:not(:hover, :focus) span.address {
    visibility: hidden;
  }
  /* A copied selection holds names and words alone. */
  span.address,
  time,
  footer,
  .note,
  .warning {
    -webkit-user-select: none;
    user-select: none;
  }
  time {
    color: var(--ink-soft);
    font-size: 0.75rem;
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
  }
  chat-message > time {
    line-height: calc(var(--line-height) * 1rem);
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
    line-height: var(--line-height);
    white-space: pre-wrap;
    overflow-wrap: anywhere;
    unicode-bidi: plaintext;
    tab-size: 4;
  }
  .none {
    color: var(--ink-soft);
    font-style: italic;
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
  wire-card {
    grid-column: 1 / -1;
    max-width: 100%;
  }
  .warning {
    margin: 0;
    font-size: var(--text-small);
  }
  .host {
    padding: 0 var(--space-2);
    border: 1px solid;
    border-radius: 1em;
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
    padding: 0.3125rem 0.75rem;
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
  /* One tick for consecutive messages. */
  .mine:not(.pending):has(+ .mine:not(.leads, .pending)) footer {
    display: none;
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
  .words + .quiet {
    margin-inline-start: calc(-1 * var(--space-2));
  }
  .retry {
    display: flex;
    flex-wrap: wrap;
  }
  @media print {
    /* A message longer than a page must break, so each may, with three lines on either page and its name beside it. */
    .speaker {
      break-after: avoid;
    }
    .warning {
      break-before: avoid;
    }
    .words {
      orphans: 3;
      widows: 3;
    }
    .words pre {
      -webkit-box-decoration-break: clone;
      box-decoration-break: clone;
    }
    copy-code {
      display: none;
    }
  }
`;
