import './elements/tertulia-app.ts';

/** Created here, not in the page's HTML: a projector is nobody in the room, not even for a moment. */
function show(view: 'tertulia-app' | 'projector-view'): void {
  document.querySelector('#shell')?.replaceWith(document.createElement(view));
}

if (new URLSearchParams(location.search).get('view') === 'projector') {
  document.documentElement.dataset.view = 'projector';
  import('./elements/projector-view.ts').then(() => show('projector-view'));
} else show('tertulia-app');
