import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageFolder } from '../../../core/runtime/package-info.ts';
import type { TestPage } from './page.ts';

const built = fileURLToPath(new URL('dist/web/', packageFolder));

/**
 * Follows which code and styles a page loads, from now on.
 * @returns a function that adds up their compressed bytes, each file once
 */
export function followLoadedBytes({ page }: TestPage): () => Promise<number> {
  const paths = new Set<string>();
  page.on('response', (response) => {
    const { pathname } = new URL(response.url());
    if (pathname.startsWith('/-/assets/')) paths.add(pathname.slice('/-/'.length));
  });
  return async () => {
    const sizes = await Promise.all(
      [...paths].map(async (path) => (await stat(`${join(built, path)}.gz`)).size),
    );
    return sizes.reduce((sum, size) => sum + size, 0);
  };
}
