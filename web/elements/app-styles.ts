import { css } from 'lit';

export const appStyles = css`
  :host {
    display: grid;
    grid-template-rows: auto minmax(0, 1fr) auto;
    height: 100vh;
    height: 100dvh;
  }
  main {
    display: grid;
    min-height: 0;
  }
  chat-log,
  access-panel,
  search-panel {
    grid-area: 1 / 1;
  }
  chat-log[inert] {
    visibility: hidden;
  }
`;
