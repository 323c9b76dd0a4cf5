import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildOf, PartLoader } from '../../../web/parts/part-loader.ts';

/** A page of build 1 with one part, and its gateway. */
class FakeSite {
  isPartThere = true;
  served: string | undefined | Error = 'index-1.js';
  tries = 0;
  changes = 0;
  readonly loader: PartLoader<{ help: () => Promise<string> }>;

  constructor(ownBuild: string | undefined) {
    this.loader = new PartLoader(
      { help: () => this.#load() },
      {
        ownBuild,
        servedBuild: async () => {
          if (this.served instanceof Error) throw this.served;
          return this.served;
        },
        changed: () => this.changes++,
      },
    );
  }

  /** Resolves once the reason of a failure is known. */
  async load(): Promise<string> {
    const loaded = await this.loader.load('help').catch(() => 'failed');
    await new Promise((resolve) => setImmediate(resolve));
    return loaded;
  }

  async #load(): Promise<string> {
    this.tries++;
    if (!this.isPartThere) throw new TypeError('Failed to fetch');
    return 'part';
  }
}

describe('part loader', () => {
  it('retries with each call after a failure', async () => {
    const site = new FakeSite('index-1.js');
    site.isPartThere = false;
    assert.equal(site.loader.stateOf('help'), 'absent');
    assert.equal(await site.load(), 'failed');
    assert.equal(site.loader.stateOf('help'), 'failed');
    site.isPartThere = true;
    assert.equal(await site.load(), 'part');
    assert.equal(site.loader.stateOf('help'), 'loaded');
    assert.equal(site.loader.pageState, 'whole');
  });

  it('reports a loading part, and no change once it is loaded', async () => {
    const site = new FakeSite('index-1.js');
    const loading = site.load();
    assert.equal(site.loader.stateOf('help'), 'loading');
    await loading;
    const { changes } = site;
    await site.load();
    assert.equal(site.changes, changes);
  });

  it('reports an outdated page when another build is served', async () => {
    const site = new FakeSite('index-1.js');
    site.isPartThere = false;
    site.served = 'index-2.js';
    await site.load();
    assert.equal(site.loader.pageState, 'outdated');
  });

  it('reports an outdated page on checkBuild() without a failure', async () => {
    const site = new FakeSite('index-1.js');
    await site.loader.checkBuild();
    assert.equal(site.loader.pageState, 'whole');
    site.served = 'index-2.js';
    await site.loader.checkBuild();
    assert.equal(site.loader.pageState, 'outdated');
  });

  it('reports an incomplete page when a part fails again though the gateway answers', async () => {
    const site = new FakeSite('index-1.js');
    site.isPartThere = false;
    site.served = new Error('offline');
    await site.load();
    await site.load();
    assert.equal(site.loader.pageState, 'whole');
    site.served = 'index-1.js';
    await site.load();
    assert.equal(site.loader.pageState, 'incomplete');
  });

  it("does not take a captive portal's page for a new build", async () => {
    const site = new FakeSite('index-1.js');
    site.served = buildOf('<html><script src="/portal.js"></script></html>');
    await site.loader.checkBuild();
    assert.equal(site.loader.pageState, 'whole');
  });

  it('never reports an outdated page in development', async () => {
    const ownBuild = buildOf('<script type="module" src="/main.ts"></script>');
    assert.equal(ownBuild, undefined);
    const site = new FakeSite(ownBuild);
    site.served = 'index-2.js';
    await site.loader.checkBuild();
    assert.equal(site.loader.pageState, 'whole');
  });
});

describe('build of a page', () => {
  it('is the name of its entry script, under any path', () => {
    for (const base of ['/', './', '/chat/']) {
      const page = `<script type="module" crossorigin src="${base}assets/index-BeB9jm3R.js"></script>`;
      assert.equal(buildOf(page), 'index-BeB9jm3R.js');
    }
  });
});
