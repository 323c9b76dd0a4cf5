/** Style of a speaker's avatar. An address has the same colour and shape on every page. */
export interface AvatarStyle {
  /** Degrees on the colour wheel. tokens.css sets lightness and saturation. */
  hue: number;
  shape: Shape;
  fill: Fill;
}

export const SHAPES = ['round', 'soft', 'leaf', 'drop'] as const;
export type Shape = (typeof SHAPES)[number];

export const FILLS = ['full', 'pale'] as const;
export type Fill = (typeof FILLS)[number];

/** Smaller steps can't be distinguished on a projector. */
const HUE_STEP_DEGREES = 15;

export function avatarStyle(address: string): AvatarStyle {
  const hash = hashOf(address);
  const hue = (hash % (360 / HUE_STEP_DEGREES)) * HUE_STEP_DEGREES;
  const shape = SHAPES[(hash >>> 16) % SHAPES.length] ?? 'round';
  const fill = FILLS[(hash >>> 24) % FILLS.length] ?? 'full';
  return { hue, shape, fill };
}

/** Returns the initial of the name, or the end of the port, in which addresses differ most. */
export function initialOf(nickname: string | undefined, address: string): string {
  const [initial] = nickname ?? '';
  return initial?.toLocaleUpperCase() ?? (address.slice(-2) || '?');
}

/** FNV-1a with a final mix, because browsers behind one gateway differ only in the last digits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
