/** Vite plugins that make the page smaller, its first paint earlier, and its service worker complete. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

const WEB = join(import.meta.dirname, '..');

/** Gives the classic script of the first paint a name with a hash, because Vite does so only for modules. */
export function classicScript(name: string): Plugin {
  return {
    name: 'classic-script',
    apply: 'build',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const source = readFileSync(join(WEB, name), 'utf8').replace(/^\s*\/\/.*\n/gm, '');
      const built = this.getFileName(this.emitFile({ type: 'asset', name, source }));
      const page = bundle['index.html'];
      if (page?.type === 'asset') page.source = String(page.source).replace(`./${name}`, `./${built}`);
    },
  };
}

/** Writes the list of files to cache into the service worker, so that each build has another one. */
export function serviceWorker(name: string): Plugin {
  return {
    name: 'service-worker',
    apply: 'build',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const worker = bundle[`${name}.js`];
      if (worker?.type !== 'chunk') return;
      const built = Object.keys(bundle).filter((file) => file.startsWith('assets/'));
      const shell = ['', ...built, ...readdirSync(join(WEB, 'public'))].map((file) => `./${file}`).toSorted();
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

/** Removes the indentation of markup, and all needless characters of styles, inside template strings. */
export function shrinkTemplates(): Plugin {
  return {
    name: 'shrink-templates',
    apply: 'build',
    transform: {
      filter: {
        id: /web\/(?:app|composer|lab|log-view|message-actions|projector|search-view|sheets|ui)\/.*\.ts$/,
      },
      handler: (code) => ({
        code: code.replaceAll(/(?<=\bcss`)[^`]*/g, shrinkStyles).replaceAll(/\n\s+/g, '\n'),
        map: null,
      }),
    },
  };
}

function shrinkStyles(styles: string): string {
  return styles
    .replaceAll(/\/\*.*?\*\//gs, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ ?([{};,>]) ?/g, '$1')
    .replaceAll(': ', ':')
    .replaceAll(';}', '}');
}

/** Replaces Vite's loader of lazy parts. It also loads their style sheets, but a part has none, and costs 700 bytes. */
export function plainImports(): Plugin {
  return {
    name: 'plain-imports',
    apply: 'build',
    enforce: 'pre',
    load: {
      filter: { id: /^\0vite\/preload-helper/ },
      handler: () => 'export const __vitePreload = (load) => load();',
    },
  };
}

/**
 * Moves the style sheet behind the HTML, so that the browser paints the shell one round trip earlier. A link in the
 * head would block the first paint.
 */
export function moveStylesAfterShell(): Plugin {
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
export function compressFiles(): Plugin {
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
