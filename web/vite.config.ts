import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';
import { emojiTables } from './build/emoji-table.ts';

const GATEWAY = 'http://127.0.0.1:8080';

export default defineConfig({
  root: import.meta.dirname,
  // A proxy may serve the page under a path of its own.
  base: './',
  plugins: [
    classicScript('first-paint.js'),
    emojiTables(),
    removeIndents(),
    moveStylesAfterShell(),
    serviceWorker('service-worker'),
    compressFiles(),
  ],
  server: {
    port: 5173,
    strictPort: true,
    proxy: {
      '/ws': { target: GATEWAY, ws: true },
      '/api': GATEWAY,
      '/healthz': GATEWAY,
      '/readyz': GATEWAY,
    },
  },
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    target: 'es2022',
    // The page's Content-Security-Policy forbids inline scripts and styles.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { index: inWeb('index.html'), 'service-worker': inWeb('worker/service-worker.ts') },
      // A service worker has a fixed name, and its scope is its folder.
      output: {
        entryFileNames: ({ name }) => (name === 'service-worker' ? '[name].js' : 'assets/[name]-[hash].js'),
        // One script instead of five: the first load compresses better, and takes fewer requests.
        codeSplitting: {
          groups: [{ name: 'page', tags: ['$initial'], test: (id) => !id.includes('service-worker') }],
        },
      },
    },
  },
});

function inWeb(path: string): string {
  return join(import.meta.dirname, path);
}

/** Gives the classic script of the first paint a name with a hash, because Vite does so only for modules. */
function classicScript(name: string): Plugin {
  return {
    name: 'classic-script',
    apply: 'build',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const source = readFileSync(inWeb(name), 'utf8').replace(/^\s*\/\/.*\n/gm, '');
      const built = this.getFileName(this.emitFile({ type: 'asset', name, source }));
      const page = bundle['index.html'];
      if (page?.type === 'asset') page.source = String(page.source).replace(`./${name}`, `./${built}`);
    },
  };
}

/** Writes the list of files to cache into the service worker, so that each build has another one. */
function serviceWorker(name: string): Plugin {
  return {
    name: 'service-worker',
    apply: 'build',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const worker = bundle[`${name}.js`];
      if (worker?.type !== 'chunk') return;
      const built = Object.keys(bundle).filter((file) => file.startsWith('assets/'));
      const shell = ['', ...built, ...readdirSync(inWeb('public'))].map((file) => `./${file}`).toSorted();
      const page = bundle['index.html'];
      const build = createHash('sha256')
        .update(JSON.stringify(shell))
        .update(page?.type === 'asset' ? page.source : '');
      const constants = { SHELL: shell, BUILD: `tertulia-${build.digest('hex').slice(0, 12)}` };
      const lines = Object.entries(constants).map(([key, value]) => `const ${key}=${JSON.stringify(value)};`);
      worker.code = lines.join('') + worker.code;
    },
  };
}

/** Removes the indentation of markup and styles inside template strings. */
function removeIndents(): Plugin {
  return {
    name: 'remove-indents',
    apply: 'build',
    transform: {
      filter: { id: /web\/(?:app|composer|log-view|projector|search-view|sheets|ui)\/.*\.ts$/ },
      handler: (code) => ({ code: code.replaceAll(/\n\s+/g, '\n'), map: null }),
    },
  };
}

/**
 * Moves the style sheet behind the HTML, so that the browser paints the shell one round trip earlier. A link in the
 * head would block the first paint.
 */
function moveStylesAfterShell(): Plugin {
  return {
    name: 'move-styles-after-shell',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(page) {
        const [line = '', link = ''] = /^ *(<link rel="stylesheet".*>)\n/m.exec(page) ?? [];
        return page.replace(line, '').replace('  </body>', `    ${link}\n  </body>`);
      },
    },
  };
}

/** Compresses each file once, so that the gateway never has to. */
function compressFiles(): Plugin {
  return {
    name: 'compress-files',
    apply: 'build',
    closeBundle() {
      const { root: web, build } = this.environment.config;
      const root = resolve(web, build.outDir);
      // After a failed build there is no folder. An error here would hide the reason.
      if (!existsSync(root)) return;
      for (const path of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
        if (!/\.(html|js|css|svg|webmanifest)$/.test(path)) continue;
        const file = join(root, path);
        const bytes = readFileSync(file);
        writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
        writeFileSync(`${file}.br`, brotliCompressSync(bytes));
      }
    },
  };
}
