/** Key code of every key of an input method. Safari sends it even when `isComposing` is already false. */
const COMPOSITION_KEY_CODE = 229;

/** Returns undefined while an input method composes text, because Enter then only accepts the composition. */
export function keyOf({ key, isComposing, keyCode }: KeyboardEvent): string | undefined {
  return isComposing || keyCode === COMPOSITION_KEY_CODE ? undefined : key;
}
