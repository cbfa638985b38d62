import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

// Builds the page into dist/web, each file with its compressed forms beside it. `--if-installed` does nothing where the
// tools are absent, as in an installation without development dependencies.
const outputFolder = fileURLToPath(new URL('../dist/web', import.meta.url));

const vite = await import('vite').catch((error: unknown) => {
  if (process.argv.includes('--if-installed')) return undefined;
  throw error;
});
if (vite) {
  await vite.build({ configFile: fileURLToPath(new URL('vite.config.ts', import.meta.url)) });
  const files = await readdir(outputFolder, { recursive: true, withFileTypes: true });
  const compressible = files.filter((file) => file.isFile() && /\.(?:html|js|css|svg|json)$/.test(file.name));
  await Promise.all(compressible.map((file) => compress(join(file.parentPath, file.name))));
}

/** Writes the `.gz` and `.br` forms of a file. */
async function compress(path: string): Promise<void> {
  const bytes = await readFile(path);
  const parameters = {
    [constants.BROTLI_PARAM_QUALITY]: 11,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  await Promise.all([
    promisify(gzip)(bytes, { level: 9 }).then((packed) => writeFile(`${path}.gz`, packed)),
    promisify(brotliCompress)(bytes, { params: parameters }).then((packed) =>
      writeFile(`${path}.br`, packed),
    ),
  ]);
}
