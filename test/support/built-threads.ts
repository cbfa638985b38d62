import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Plugin } from 'vite';
import { packageFolder } from '../../core/runtime/package-info.ts';
import { builtProgram } from './environment.ts';

/**
 * Has registries in the process of the tests start the built programs of threads. From their sources, which a thread
 * has to compile, each takes half a second of processor time.
 */
export function startBuiltThreads(): Plugin {
  const located = /workerEntryUrl\(import\.meta\.url, '([^']+)'\)/g;
  return {
    name: 'start-built-threads',
    enforce: 'pre',
    transform(code, id) {
      // The global setup has built the program before any file is transformed.
      const program = builtProgram();
      if (program === undefined || !id.endsWith('.ts')) return undefined;
      const place = relative(fileURLToPath(packageFolder), dirname(id));
      const toBuilt = (_: string, name: string) => {
        const file = join(dirname(program), '..', place, `${name}.js`);
        return `new URL(${JSON.stringify(pathToFileURL(file).href)})`;
      };
      return { code: code.replaceAll(located, toBuilt), map: null };
    },
  };
}
