import { css } from 'lit';

export const appStyles = css`
  :host {
    display: grid;
    grid-template-rows: auto auto minmax(0, 1fr);
    grid-template-columns: minmax(0, 1fr) auto;
    height: 100vh;
    height: 100dvh;
  }
  room-header {
    grid-column: 1 / -1;
  }
  main {
    display: grid;
    min-height: 0;
  }
  chat-log,
  login-panel,
  search-panel,
  .part {
    grid-area: 1 / 1;
  }
  :host > .part {
    grid-area: auto;
  }
  :host > :not(room-header, .dock) {
    grid-column: 1;
  }
  .dock {
    grid-area: 2 / 2 / span 4;
    width: 20rem;
    min-height: 0;
  }
  .part {
    place-self: center;
    padding: var(--edge);
    text-align: center;
  }
  .reload {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: center;
    gap: 0 var(--space-3);
    padding: 0 var(--edge);
    background: var(--table);
  }
  .reload:not(:empty) {
    border-bottom: 1px solid var(--line);
  }
  .reload p {
    margin: var(--space-2) 0;
  }
  chat-log[inert] {
    visibility: hidden;
  }
  .printed {
    display: none;
  }
  @media print {
    :host {
      display: block;
      height: auto;
    }
    room-header,
    newcomer-card,
    see-tcp,
    chat-composer,
    .dock {
      display: none;
    }
    .printed {
      display: block;
      padding-inline: var(--edge);
      color: var(--ink-soft);
    }
  }
`;
