import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageFolder } from '../../core/runtime/package-info.ts';

/** File of the page in each form in which it is sent. */
export interface PageFile {
  type: string;
  /** Hash of the bytes, for the `ETag`. */
  digest: string;
  plain: Buffer;
  br: Buffer | undefined;
  gzip: Buffer | undefined;
}

const folder = fileURLToPath(new URL('dist/web/', packageFolder));

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.woff2': 'font/woff2',
};

/**
 * Reads the files of the page, by their paths below `/-/`.
 * They are some hundred kilobytes in all, so the process keeps them in memory.
 * @returns undefined when the page was not built
 */
export async function readPageFiles(): Promise<Map<string, PageFile> | undefined> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const known = new Set(paths);
  const files = await Promise.all(
    paths.flatMap((path) => {
      const type = types[extname(path)];
      return type === undefined ? [] : [readEncodings(path, type, known)];
    }),
  );
  const found = new Map(files);
  return found.has('index.html') ? found : undefined;
}

async function readEncodings(
  path: string,
  type: string,
  known: ReadonlySet<string>,
): Promise<[string, PageFile]> {
  const read = async (name: string) => (known.has(name) ? await readFile(name) : undefined);
  const [plain, br, gzip] = await Promise.all([readFile(path), read(`${path}.br`), read(`${path}.gz`)]);
  const digest = createHash('sha256').update(plain).digest('base64url');
  return [relative(folder, path).replaceAll('\\', '/'), { type, digest, plain, br, gzip }];
}
