import { join } from 'node:path';
import { defineConfig } from 'vite';
import { emojiTables } from './build/emoji-table.ts';
import {
  classicScript,
  compressFiles,
  moveStylesAfterShell,
  plainImports,
  serviceWorker,
  shrinkTemplates,
} from './build/page-plugins.ts';

const GATEWAY = 'http://127.0.0.1:8080';

export default defineConfig({
  root: import.meta.dirname,
  // A proxy may serve the page under a path of its own.
  base: './',
  plugins: [
    classicScript('first-paint.js'),
    emojiTables(),
    plainImports(),
    shrinkTemplates(),
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
    // The names of what each part needs would cost the first load 460 bytes. A part loads it one round trip later.
    modulePreload: false,
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
