import { reload, startTimer } from './ui/browser-effects.ts';
import './app/tertulia-app.ts';
import { parts } from './parts/parts.ts';

/** Waits this long between two tries to load the projector, ms. */
const RETRY_MS = 5_000;

/** Created here, not in the page's HTML: a projector is nobody in the room, not even for a moment. */
function show(view: 'tertulia-app' | 'projector-view'): void {
  document.querySelector('#shell')?.replaceWith(document.createElement(view));
}

/** Nobody stands at a projector to press a button. */
async function project(): Promise<void> {
  try {
    await parts.load('projector');
    show('projector-view');
  } catch {
    if (parts.pageState !== 'whole') reload();
    else startTimer(RETRY_MS, () => void project());
  }
}

if (new URLSearchParams(location.search).get('view') === 'projector') {
  document.documentElement.dataset.view = 'projector';
  void project();
} else show('tertulia-app');
