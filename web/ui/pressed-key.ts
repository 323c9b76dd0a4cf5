/** The code that browsers give every key of an input method. Safari sends it even where `isComposing` is false already. */
const COMPOSITION_KEY_CODE = 229;

/** Returns the pressed key; undefined when an input method takes it: Enter then only ends the word being composed. */
export function keyOf({ key, isComposing, keyCode }: KeyboardEvent): string | undefined {
  return isComposing || keyCode === COMPOSITION_KEY_CODE ? undefined : key;
}
