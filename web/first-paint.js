// Runs before the first paint, so imports nothing and does little: the colours and the size that were chosen.
try {
  Object.assign(document.documentElement.dataset, JSON.parse(localStorage.getItem('tertulia-preferences')));
} catch {
  // Refused, or nothing of ours: the page dresses itself as soon as it runs.
}
