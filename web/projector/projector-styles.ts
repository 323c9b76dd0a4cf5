import { css } from 'lit';

/** Two acts: an empty room fills the wall with the way in; messages leave a strip for it. */
export const projectorStyles = css`
  :host {
    display: grid;
    grid-template-rows: auto minmax(0, 1fr) auto;
    grid-template-columns: minmax(0, 1fr);
    height: 100vh;
    height: 100dvh;
  }
  header {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.75em;
    padding: 0.3em 0.75em;
    border-bottom: 1px solid var(--line);
    background: var(--table);
    font-size: 0.6em;
  }
  .board {
    display: flex;
    flex: 1 1 100%;
    flex-wrap: wrap;
    gap: 0 1em;
    order: 1;
    font-size: 1.3em;
  }
  strong {
    color: var(--warn);
  }
  h1 {
    margin: 0;
    max-width: 16em;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    font: 600 1.6em / 1.2 var(--font-display);
    letter-spacing: -0.01em;
  }
  p {
    margin: 0;
    line-height: 1.3;
    overflow-wrap: anywhere;
  }
  qr-code {
    flex: none;
    width: 3.5em;
  }
  .ways {
    display: flex;
    flex-wrap: wrap;
    flex: 1;
    align-items: baseline;
    gap: 0 1.5em;
  }
  .soft,
  .state {
    color: var(--ink-soft);
  }
  .soft {
    font-size: 0.85em;
  }
  /* The way in stays in one line, with smaller letters if need be. The longest one breaks between its parts. */
  .way {
    --letter: 0.7;
    --widest: calc(var(--line-width, 100vw) / var(--letter));
    display: inline-block;
    max-width: 100%;
    font-size: clamp(min(var(--least, 0.6em), var(--widest) / var(--part)), var(--widest) / var(--letters), 1em);
    text-wrap: balance;
  }
  .way.mono {
    --letter: 0.61;
  }
  .address {
    color: var(--accent);
    font-weight: 600;
  }
  .only-here {
    flex: 1;
    color: var(--warn);
    text-wrap: balance;
  }
  .state {
    display: grid;
    flex: none;
    max-width: 40%;
    margin-inline-start: auto;
    text-align: end;
    font-variant-numeric: tabular-nums;
  }
  [role="status"] {
    color: var(--warn);
    font-weight: 600;
  }
  .locked {
    margin: auto;
    padding: var(--edge);
    max-width: 30ch;
    text-align: center;
    text-wrap: balance;
  }

  main {
    display: contents;
  }
  [role='log'] {
    overflow: hidden auto;
    overscroll-behavior: contain;
    scrollbar-width: none;
  }
  [role='log']:focus-visible {
    outline-offset: -3px;
  }
  [role='log'][inert] {
    visibility: hidden;
  }
  [role='log'] > div {
    display: flex;
    flex-direction: column;
    justify-content: flex-end;
    min-height: 100%;
    padding: 0.3em 0.5em 0.5em;
  }
  article {
    --speaker: oklch(var(--speaker-lightness) var(--speaker-chroma) var(--hue));
    display: grid;
    grid-template-columns: minmax(0, 6.5em) minmax(0, 1fr);
    gap: 0 0.6em;
    padding-top: 0.45em;
    line-height: 1.3;
  }
  .forged {
    --speaker: var(--warn);
  }
  .who {
    overflow: hidden;
    /* A J reaches beyond its left edge. */
    padding-inline-start: 0.1em;
    margin-inline-start: -0.1em;
    color: var(--speaker);
    text-overflow: ellipsis;
  }
  .who .mono {
    font-size: 0.6em;
  }
  .who small {
    display: block;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    color: var(--warn);
    font-size: 0.5em;
  }
  .words {
    min-width: 0;
    /* Stacked accents stay near their line. Taller scripts have room. */
    overflow: visible clip;
    margin-block: -0.25em;
    padding-block: 0.25em;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
    unicode-bidi: plaintext;
    tab-size: 4;
  }
  .words a {
    color: var(--accent);
    direction: ltr;
    unicode-bidi: isolate;
  }
  .words pre {
    margin: 0;
    white-space: pre-wrap;
  }
  .words code {
    padding: 0 0.2em;
    border-radius: var(--radius-small);
    background: color-mix(in srgb, var(--ink) 8%, transparent);
    font: 0.85em / 1.3 var(--font-mono);
    direction: ltr;
    unicode-bidi: isolate;
  }
  .words pre code {
    display: block;
    padding: 0.2em 0.4em;
  }
  copy-code {
    display: none;
  }

  wire-card {
    grid-column: -2 / -1;
    font-size: 0.5em;
  }
  wire-card::part(details) {
    display: none;
  }
  see-tcp {
    font-size: 0.5em;
  }

  /* The first act: nobody has written yet. */
  :host(.empty) {
    grid-template-rows: 1fr auto auto;
  }
  :host(.empty) header {
    flex-direction: column;
    justify-content: center;
    padding: 0.5em 1em;
    border: 0;
    background: transparent;
    font-size: 1em;
    text-align: center;
  }
  :host(.empty) qr-code {
    width: min(50vh, 80vw);
  }
  :host(.empty) .way {
    --line-width: calc(100vw - 2em);
    /* The wall has room for a second line, and is read from afar. */
    --least: 0.85em;
  }
  :host(.empty) .ways {
    flex: none;
    flex-direction: column;
    align-items: center;
    gap: 0.6em;
    font-size: 1.25em;
  }
  :host(.empty) .ways span {
    display: block;
  }
  :host(.empty) .only-here {
    flex: none;
    max-width: 30ch;
    font-size: 1.25em;
  }
  :host(.empty) .state {
    max-width: none;
    margin: 0;
    text-align: center;
  }
  :host(.empty) [role='log'] {
    display: none;
  }
  @media (min-aspect-ratio: 1) {
    :host(.empty) header {
      display: grid;
      grid-template-columns: auto minmax(0, auto);
      grid-template-rows: 1fr auto auto 1fr;
      align-content: center;
      justify-content: center;
      gap: 0.5em 1.25em;
      text-align: start;
    }
    :host(.empty) qr-code {
      grid-row: 1 / -1;
      width: min(80vh, 48vw);
    }
    :host(.empty) .way {
      --line-width: calc(52vw - 3em);
    }
    :host(.empty) h1 {
      grid-column: 2;
      align-self: end;
    }
    :host(.empty) .ways {
      grid-column: 2;
      align-items: start;
    }
    :host(.empty) .state {
      grid-column: 2;
      text-align: start;
    }
  }
  @media (max-aspect-ratio: 1) {
    header {
      display: grid;
      grid-template-columns: auto minmax(0, 1fr) fit-content(50%);
      gap: 0.1em 0.75em;
      font-size: 0.75em;
    }
    :host(.empty) header {
      display: flex;
      gap: 0.75em;
    }
    .board {
      grid-column: 1 / -1;
    }
    qr-code {
      grid-row: 1 / 3;
      width: 5em;
    }
    h1 {
      grid-column: 2;
    }
    .state {
      grid-area: 1 / 3;
      max-width: none;
    }
    .ways,
    .only-here {
      grid-area: 2 / 2 / auto / -1;
    }
    .way {
      --line-width: calc(100vw - 8em);
    }
    /* Without a QR code its column is empty. */
    header:not(:has(qr-code)) > :is(h1, .only-here) {
      grid-column-start: 1;
    }
    article {
      grid-template-columns: minmax(0, 1fr);
    }
  }
`;
