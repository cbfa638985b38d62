import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Rolldown } from 'vite';

const pathOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Order of the layers. Browsers take it from the first sheet that they read, which may be that of any part. */
const layers = readFileSync(pathOf('styles/layers.css'), 'utf8');

/** Modules of the first load, once they are asked for: those that the entry imports, directly or through others. */
const firstLoadModules = new Set<string>();

function isOfFirstLoad(id: string, context: Rolldown.ChunkingContext): boolean {
  const reach = (module: string) => {
    if (firstLoadModules.has(module)) return;
    firstLoadModules.add(module);
    context.getModuleInfo(module)?.importedIds.forEach(reach);
  };
  reach(pathOf('index.html'));
  return firstLoadModules.has(id) && !id.endsWith('.html');
}

export default defineConfig({
  root: pathOf('.'),
  base: '/-/',
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  resolve: { alias: { '@helm-registry/client': pathOf('../client/src/index.ts') } },
  plugins: [
    {
      name: 'layers-first',
      enforce: 'pre',
      transform: (code, id) => (id.endsWith('.css') ? `${layers}${code}` : undefined),
    },
  ],
  build: {
    outDir: pathOf('../dist/web'),
    emptyOutDir: true,
    target: 'es2022',
    // The policy of the page allows no inlined files but images of charts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Browsers open six connections: files of the first load that other pages share would wait for one another.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            {
              debugName: 'first',
              name: (id, context) => (isOfFirstLoad(id, context) ? 'first' : null),
            },
          ],
        },
      },
    },
  },
  // `npm run dev:web` serves the page alone, with the interface of a registry on its usual port.
  server: {
    host: '127.0.0.1',
    proxy: { '^/(api|login|logout|openapi.json|docs|v2)': 'http://127.0.0.1:8099' },
  },
});
