import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const pathOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: pathOf('.'),
  base: '/-/',
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  resolve: { alias: { '@helm-registry/client': pathOf('../client/src/index.ts') } },
  build: {
    outDir: pathOf('../dist/web'),
    emptyOutDir: true,
    target: 'es2022',
    // The policy of the page allows no inlined files but images of charts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  // `npm run dev:web` serves the page alone, with the interface of a registry on its usual port.
  server: {
    host: '127.0.0.1',
    proxy: { '^/(api|login|logout|openapi.json|docs|v2)': 'http://127.0.0.1:8099' },
  },
});
