import { css } from 'lit';

/** A message has one colour in its card and in the timeline. */
export const wireStyles = css`
  .wire {
    --speaker: oklch(var(--speaker-lightness) var(--speaker-chroma) var(--hue));
  }
  .none {
    --speaker: var(--line-strong);
  }
  .soft {
    color: var(--ink-soft);
  }
`;

const HUE_STEP = 137;

/** Neighbours in the log get colours far from each other. */
export function hueOfMessage(root: number): number {
  return (root * HUE_STEP) % 360;
}
