import { reload, startTimer } from './ui/browser-effects.ts';
import './app/tertulia-app.ts';
import { LOADERS } from './parts/loaders.ts';
import { parts, registerLoaders } from './parts/parts.ts';

/** Wait between two tries to load the projector. */
const PROJECTOR_RETRY_MS = 5_000;

/** The page's HTML creates no element: a projector must not join the room, not even for a moment. */
function show(view: 'tertulia-app' | 'projector-view'): void {
  document.querySelector('#shell')?.replaceWith(document.createElement(view));
}

/** Retries by itself, because a projector has no keyboard. */
async function showProjector(): Promise<void> {
  try {
    await parts.load('projector');
    show('projector-view');
  } catch {
    if (parts.pageState !== 'whole') reload();
    else startTimer(PROJECTOR_RETRY_MS, () => void showProjector());
  }
}

registerLoaders(LOADERS);
if (new URLSearchParams(location.search).get('view') === 'projector') {
  document.documentElement.dataset.view = 'projector';
  void showProjector();
} else show('tertulia-app');
