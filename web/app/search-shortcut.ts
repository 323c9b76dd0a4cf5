/** `/` as long as nothing is being written, and Ctrl+K: what the browser finds by itself stays its own. */
export function isSearchShortcut(event: KeyboardEvent): boolean {
  const { key, ctrlKey, metaKey, altKey } = event;
  if (altKey || event.defaultPrevented) return false;
  if (ctrlKey || metaKey) return key.toLowerCase() === 'k';
  const [target] = event.composedPath();
  return key === '/' && !(target instanceof HTMLTextAreaElement || target instanceof HTMLInputElement);
}
