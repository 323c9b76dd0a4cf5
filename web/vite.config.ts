import { defineConfig } from 'vite';

const GATEWAY = 'http://127.0.0.1:8080';

export default defineConfig({
  root: import.meta.dirname,
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
