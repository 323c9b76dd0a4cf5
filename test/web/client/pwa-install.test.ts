import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PwaInstall } from '../../../web/client/pwa-install.ts';

class Page {
  kept = 0;
  readonly installing: PwaInstall;

  constructor(isInstalled = false, isSecure = true) {
    const registerWorker = () => void this.kept++;
    this.installing = new PwaInstall({
      isInstalled,
      isSecure,
      registerWorker: registerWorker,
      changed: () => {},
    });
  }
}

describe('PWA install', () => {
  it("is offered once, after the browser's prompt", () => {
    const { installing } = new Page();
    assert.equal(installing.state, 'not-offered');
    let asked = 0;
    installing.onOffered({ prompt: async () => void asked++ });
    assert.equal(installing.state, 'offered');
    installing.install();
    installing.install();
    assert.equal(asked, 1);
    assert.equal(installing.state, 'not-offered');
  });

  it('is refused on an insecure page', () => {
    assert.equal(new Page(false, false).installing.state, 'insecure');
  });

  it('registers the service worker once installed, and not before', () => {
    const page = new Page();
    assert.equal(page.kept, 0);
    page.installing.onInstalled();
    assert.equal(page.installing.state, 'installed');
    assert.equal(page.kept, 1);
  });

  it('is done if the page runs in its own window', () => {
    const page = new Page(true);
    assert.equal(page.installing.state, 'installed');
    assert.equal(page.kept, 1);
  });
});
