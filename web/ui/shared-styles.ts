import { css } from 'lit';

export const sharedStyles = css`
  *,
  ::before,
  ::after {
    box-sizing: border-box;
  }
  [hidden] {
    display: none !important;
  }
  :focus-visible {
    outline: 3px solid var(--accent);
    outline-offset: 2px;
  }
  button {
    min-width: var(--touch);
    min-height: var(--touch);
    padding: 0 var(--space-4);
    border: 1px solid var(--line-strong);
    border-radius: var(--radius);
    background: transparent;
    color: var(--ink);
    font: inherit;
    cursor: pointer;
    touch-action: manipulation;
  }
  button:hover {
    border-color: var(--accent);
    color: var(--accent);
  }
  button.primary {
    border-color: var(--accent);
    background: var(--accent);
    color: var(--accent-ink);
    font-weight: 600;
  }
  button.primary:hover {
    filter: brightness(1.08);
    color: var(--accent-ink);
  }
  button.quiet {
    padding: 0 var(--space-2);
    border-color: var(--bare);
    color: var(--accent);
    font-size: var(--text-small);
    font-weight: 600;
    text-decoration: underline;
    text-underline-offset: 0.2em;
  }
  @media print {
    button {
      display: none;
    }
  }
  .mono {
    font-family: var(--font-mono);
    font-size: var(--text-small);
    overflow-wrap: anywhere;
  }
  .aloud {
    position: absolute;
    overflow: hidden;
    width: 1px;
    height: 1px;
    margin: 0;
    clip-path: inset(50%);
    white-space: nowrap;
  }
`;

/** A dot beside the state of a connection. It is filled while the connection is open. */
export const lightStyles = css`
  .light {
    flex: none;
    width: 0.625rem;
    height: 0.625rem;
    border: 2px solid currentColor;
    border-radius: 50%;
  }
  .light.on {
    border-color: var(--good);
    background: var(--good);
  }
  @media (forced-colors: active) {
    .light.on {
      background: CanvasText;
    }
  }
`;
