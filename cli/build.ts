import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'vite';

// Joins the sources of the program and of its packages into dist/. `npm run build` runs it: a process that
// reads a thousand files takes more than twice as long to start. Licences of the packages are in a file beside them.

const pathOf = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** Packages that stay in node_modules: native code, and the interface that an operator's SDK of OpenTelemetry shares. */
const externalPackages = ['@node-rs/argon2', '@opentelemetry/api'];

await build({
  configFile: false,
  root: pathOf(''),
  logLevel: 'warn',
  plugins: [moduleUrlPlugin()],
  ssr: { noExternal: true, external: externalPackages },
  build: {
    ssr: true,
    outDir: pathOf('dist'),
    emptyOutDir: false,
    copyPublicDir: false,
    target: 'node20',
    minify: false,
    sourcemap: true,
    license: { fileName: 'THIRD-PARTY-LICENSES.md' },
    rolldownOptions: {
      input: { 'cli/main': pathOf('cli/main.ts') },
      output: { entryFileNames: '[name].js', chunkFileNames: 'program/[name]-[hash].js' },
    },
  },
});

/**
 * Makes the plugin that gives each source's `import.meta.url` its own place in dist/. Programs of threads and
 * processes, which `workerEntryUrl` locates by it, become files at their places.
 */
function moduleUrlPlugin(): Plugin {
  const mark = 'source-place:';
  const placeOf = (file: string) => relative(pathOf(''), file).replace(/\.ts$/, '.js');
  return {
    name: 'keep-places',
    enforce: 'pre',
    transform(code, id) {
      if (!id.endsWith('.ts')) return undefined;
      for (const [, name] of code.matchAll(/workerEntryUrl\(import\.meta\.url, '([^']+)'\)/g)) {
        const program = join(dirname(id), `${name}.ts`);
        this.emitFile({ type: 'chunk', id: program, fileName: placeOf(program) });
      }
      return { code: code.replaceAll('import.meta.url', `"${mark}${placeOf(id)}"`), map: null };
    },
    renderChunk(code, { fileName }) {
      const toUrl = (_: string, place: string) => {
        const path = relative(dirname(fileName), place);
        return `new URL(${JSON.stringify(path)}, import.meta.url).href`;
      };
      return { code: code.replaceAll(new RegExp(`"${mark}([^"]+)"`, 'g'), toUrl), map: null };
    },
  };
}
