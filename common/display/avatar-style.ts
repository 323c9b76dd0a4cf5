/** More hues look alike on a projector. */
export const HUES = 12;

/** Offset at which the nearest hues differ most on a screen, degrees. */
const FIRST_HUE_DEGREES = 25;

/** Returns the hue of a speaker in degrees of OKLCH. The style sheet sets lightness and chroma. */
export function hueOf(nickname: string | undefined, address: string): number {
  return hueAt(hashOf(nickname ?? address) % HUES);
}

export function hueAt(index: number): number {
  return FIRST_HUE_DEGREES + index * (360 / HUES);
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
