// Applies the chosen colours and text size before the first paint, so it imports nothing.
try {
  Object.assign(document.documentElement.dataset, JSON.parse(localStorage.getItem('tertulia-preferences')));
} catch {
  // Storage is refused or holds no preferences: the page applies the defaults when it runs.
}
