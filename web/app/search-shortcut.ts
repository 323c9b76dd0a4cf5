/** Returns whether the event is Ctrl+K, or `/` outside a text field. Ctrl+F stays the browser's. */
export function isSearchShortcut(event: KeyboardEvent): boolean {
  const { key, ctrlKey, metaKey, altKey } = event;
  if (altKey || event.defaultPrevented) return false;
  if (ctrlKey || metaKey) return key.toLowerCase() === 'k';
  return key === '/' && !isInField(event);
}

/** Returns whether a letter or digit was typed outside a text field. A space presses buttons and scrolls. */
export function isTypedOutside(event: KeyboardEvent): boolean {
  const { key, ctrlKey, metaKey, altKey } = event;
  return (
    !(ctrlKey || metaKey || altKey || event.defaultPrevented) &&
    /^[\p{L}\p{N}]$/u.test(key) &&
    !isInField(event)
  );
}

function isInField(event: KeyboardEvent): boolean {
  const [target] = event.composedPath();
  return target instanceof HTMLTextAreaElement || target instanceof HTMLInputElement;
}
