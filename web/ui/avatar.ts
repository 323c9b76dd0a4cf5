import { css, html } from 'lit';
import { avatarStyle, initialOf } from './avatar-style.ts';

export const avatarStyles = css`
  .avatar {
    display: grid;
    flex: none;
    place-items: center;
    width: 2.25rem;
    height: 2.25rem;
    border: 2px solid var(--speaker);
    font: 600 0.9375rem / 1 var(--font);
    font-variant-numeric: tabular-nums;
    user-select: none;
  }
  .full {
    background: var(--speaker);
    color: var(--paper);
  }
  .pale {
    color: var(--speaker);
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
`;

/** In a room without addresses, the style depends on the name. */
export function renderAvatar(address: string, nickname: string | undefined) {
  const { shape, fill } = avatarStyle(address || (nickname ?? ''));
  return html`<span class="avatar ${shape} ${fill}" aria-hidden="true">${initialOf(nickname, address)}</span>`;
}
