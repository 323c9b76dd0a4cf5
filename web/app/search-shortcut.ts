/** Returns whether the event is Ctrl+K, or `/` outside a text field. Ctrl+F stays the browser's. */
export function isSearchShortcut(event: KeyboardEvent): boolean {
  const { key, ctrlKey, metaKey, altKey } = event;
  if (altKey || event.defaultPrevented) return false;
  if (ctrlKey || metaKey) return key.toLowerCase() === 'k';
  const [target] = event.composedPath();
  return key === '/' && !(target instanceof HTMLTextAreaElement || target instanceof HTMLInputElement);
}
