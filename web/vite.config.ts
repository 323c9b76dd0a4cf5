import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig, type Plugin } from 'vite';

const GATEWAY = 'http://127.0.0.1:8080';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [classicScript('first-paint.js'), withoutIndents()],
  server: {
    port: 5173,
    strictPort: true,
    proxy: {
      '/ws': { target: GATEWAY, ws: true },
      '/api': GATEWAY,
      '/healthz': GATEWAY,
    },
  },
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    target: 'es2022',
    // The page's Content-Security-Policy lets no inline script or style through.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});

/** A script that holds up the first paint is no module, and Vite names only modules by what is in them. */
function classicScript(name: string): Plugin {
  return {
    name: 'classic-script',
    apply: 'build',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const source = readFileSync(join(import.meta.dirname, name), 'utf8').replace(/^\s*\/\/.*\n/gm, '');
      const built = this.getFileName(this.emitFile({ type: 'asset', name, source }));
      const page = bundle['index.html'];
      if (page?.type === 'asset') page.source = String(page.source).replace(`./${name}`, `/${built}`);
    },
  };
}

/** Markup and styles stand in the code as they are written; what indents them is for their writers alone. */
function withoutIndents(): Plugin {
  return {
    name: 'without-indents',
    apply: 'build',
    transform: {
      filter: { id: /web\/elements\/.*\.ts$/ },
      handler: (code) => ({ code: code.replaceAll(/\n\s+/g, '\n'), map: null }),
    },
  };
}
