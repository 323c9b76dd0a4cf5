import { css } from 'lit';

export const logStyles = css`
  :host {
    position: relative;
    display: flex;
    flex-direction: column;
    min-height: 0;
  }
  /* It shows the filter above the messages. */
  message-menu {
    order: -1;
  }
  .scroller {
    flex: 1;
    /* New rows then cause a layout of the scroller alone. */
    contain: strict;
    overflow-y: auto;
    overscroll-behavior: contain;
    scrollbar-color: var(--line-strong) transparent;
    /* ScrollAnchor keeps the reading place. The browser's anchoring would move it twice. */
    overflow-anchor: none;
  }
  .scroller:focus-visible {
    outline-offset: -3px;
  }
  .lines {
    display: flex;
    flex-direction: column;
    justify-content: flex-end;
    min-height: 100%;
    max-width: calc(var(--column) + 2 * var(--edge));
    margin: 0 auto;
    padding: var(--space-2) var(--edge);
  }
  /* The keyboard of a phone is open. */
  @media (max-height: 26rem) {
    .lines {
      padding-block: 0 var(--space-1);
    }
  }
  .day {
    margin: var(--space-4) 0 0;
    color: var(--ink-soft);
    font: italic var(--text) / 1.4 var(--font-display);
    text-align: center;
  }
  .unread {
    display: flex;
    align-items: center;
    gap: var(--space-3);
    margin: var(--space-4) 0 0;
    color: var(--accent);
    font-size: var(--text-small);
    font-weight: 600;
  }
  .unread::before,
  .unread::after {
    content: "";
    flex: 1;
    border-top: 1px solid currentColor;
  }
  .empty {
    margin: auto;
    padding: var(--space-4);
    text-align: center;
    text-wrap: balance;
  }
  .empty p {
    margin: 0;
    color: var(--ink-soft);
  }
  .empty p:first-child {
    color: var(--ink);
    margin-bottom: var(--space-2);
    font: italic var(--text-title) / 1.3 var(--font-display);
  }
  .ghosts {
    display: grid;
    gap: var(--space-6);
    padding-bottom: var(--space-6);
    animation: breathe 1.6s ease-in-out infinite alternate;
  }
  .ghosts i {
    width: 70%;
    height: 2.25rem;
    border-radius: var(--radius);
    background: var(--line);
  }
  .ghosts i:nth-child(2) {
    justify-self: end;
    width: 45%;
  }
  .ghosts i:nth-child(3) {
    width: 55%;
  }
  @keyframes breathe {
    from {
      opacity: 0.3;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    .ghosts {
      animation: none;
    }
  }
  .pill {
    position: absolute;
    bottom: var(--space-3);
    left: 50%;
    transform: translateX(-50%);
    border-radius: calc(var(--touch) / 2);
    background: var(--table);
    box-shadow: 0 2px 12px rgb(0 0 0 / 0.18);
    white-space: nowrap;
  }
  .pill::after {
    content: "";
    display: inline-block;
    width: 0.5rem;
    height: 0.5rem;
    margin-inline-start: var(--space-2);
    border: solid;
    border-width: 0 2px 2px 0;
    transform: translateY(-0.1875rem) rotate(45deg);
  }
  .news {
    border-color: var(--accent);
    color: var(--accent);
    font-weight: 600;
  }
  @media print {
    .scroller {
      contain: none;
      height: auto;
      overflow: visible;
    }
    .day {
      break-after: avoid;
    }
  }
`;
