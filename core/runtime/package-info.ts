import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';

/** Folder of package.json as a URL that ends in `/`. One level further up for the program built into dist/. */
export const packageFolder: URL = findPackageFolder(new URL('../', import.meta.url));

function findPackageFolder(folder: URL): URL {
  if (existsSync(new URL('package.json', folder)) && existsSync(new URL('migrations/', folder)))
    return folder;
  const parent = new URL('../', folder);
  if (parent.href === folder.href)
    throw new Error('the installation lacks its package.json or its migrations');
  return findPackageFolder(parent);
}

/** Version of this program, from package.json. */
export const programVersion: string = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(new URL('package.json', packageFolder), 'utf8'))).version;
