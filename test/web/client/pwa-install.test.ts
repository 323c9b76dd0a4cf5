import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PwaInstall } from '../../../web/client/pwa-install.ts';

class InstallHarness {
  registrations = 0;
  readonly install: PwaInstall;

  constructor(isInstalled = false, isSecure = true) {
    const registerWorker = () => void this.registrations++;
    this.install = new PwaInstall({
      isInstalled,
      isSecure,
      registerWorker,
      changed: () => {},
    });
  }
}

describe('PWA install', () => {
  it("is offered once, after the browser's prompt", () => {
    const { install } = new InstallHarness();
    assert.equal(install.state, 'not-offered');
    let asked = 0;
    install.onOffered({ prompt: async () => void asked++ });
    assert.equal(install.state, 'offered');
    install.install();
    install.install();
    assert.equal(asked, 1);
    assert.equal(install.state, 'not-offered');
  });

  it('is refused on an insecure page', () => {
    assert.equal(new InstallHarness(false, false).install.state, 'insecure');
  });

  it('registers the service worker once installed, and not before', () => {
    const page = new InstallHarness();
    assert.equal(page.registrations, 0);
    page.install.onInstalled();
    assert.equal(page.install.state, 'installed');
    assert.equal(page.registrations, 1);
  });

  it('is done if the page runs in its own window', () => {
    const page = new InstallHarness(true);
    assert.equal(page.install.state, 'installed');
    assert.equal(page.registrations, 1);
  });
});
