import { css, html } from 'lit';
import { initialOf } from '../../common/display/avatar-style.ts';

/** The element around an avatar sets `--hue`. */
export const avatarStyles = css`
  .avatar {
    display: grid;
    flex: none;
    place-items: center;
    width: var(--avatar);
    height: var(--avatar);
    border: 1px solid transparent;
    border-radius: 50%;
    background: color-mix(in oklab, var(--speaker) 16%, transparent);
    color: color-mix(in oklab, var(--speaker) 75%, var(--ink));
    font: 600 0.9375rem / 1 var(--font);
    font-variant-numeric: tabular-nums;
    user-select: none;
  }
  .terminal {
    border-radius: 22%;
    background: var(--ink);
    color: var(--paper);
    font-family: var(--font-mono);
    font-size: 0.8125rem;
    -webkit-print-color-adjust: exact;
    print-color-adjust: exact;
  }
`;

const PROMPT = '>_';

export interface Person {
  nickname: string | undefined;
  /** Empty in a room without addresses. */
  address: string;
  isTerminal: boolean;
}

/** Draws a square prompt for a terminal, and a tinted circle with an initial for a person at a browser. */
export function renderAvatar({ nickname, address, isTerminal }: Person) {
  return isTerminal
    ? html`<span class="avatar terminal" aria-hidden="true">${PROMPT}</span>`
    : html`<span class="avatar" aria-hidden="true">${initialOf(nickname, address)}</span>`;
}
