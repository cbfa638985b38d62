import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { usageError } from '../command-error.ts';
import type { LeftOut } from './candidate.ts';

/** Folder whose archives belong into one space. */
export interface SpaceFolder {
  space: string;
  path: string;
  /** Folders inside whose archives belong into other spaces. */
  without: readonly string[];
}

/** File that ChartMuseum writes into the folder of each tenant. */
const tenantFile = 'index-cache.yaml';

/**
 * Finds the folders in a folder that are spaces. Archives beside them belong to none. A tenant of ChartMuseum deeper
 * inside is a space of its own: `org/a` is `org-a`.
 * @throws {CommandError} for a folder without folders, and for two folders that would be one space
 */
export async function findSpaces(folder: string): Promise<{ folders: SpaceFolder[]; loose: LeftOut[] }> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw usageError(`cannot read ${folder}: there is no such folder, or it is not readable`, error);
  });
  const shown = names.filter((name) => !name.startsWith('.'));
  const entries = await Promise.all(
    shown.map(async (name) => ({ name, info: await stat(join(folder, name)) })),
  );
  const paths = entries.filter(({ info }) => info.isDirectory()).map(({ name }) => join(folder, name));
  if (paths.length === 0)
    throw usageError(
      `${folder} has no folders, of which each could be a space: name the space of its archives`,
    );
  const folders = (await Promise.all(paths.map((path) => splitTenants(folder, path)))).flat();
  assertDistinctSpaces(folders);
  const loose = entries.filter(({ name, info }) => info.isFile() && name.endsWith('.tgz'));
  return {
    folders,
    loose: loose.map(({ name }) => ({
      space: '',
      from: join(folder, name),
      reason: 'it is in no folder, and so in no space',
    })),
  };
}

/** Whether a path is inside one of several folders. */
export function isInside(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => path.startsWith(`${folder}${sep}`));
}

/** Splits a folder into the tenants inside it, and itself where it has archives of its own. */
async function splitTenants(root: string, path: string): Promise<SpaceFolder[]> {
  const files = (await readdir(path, { recursive: true })).map((file) => join(path, file));
  const tenants = files
    .filter((file) => basename(file) === tenantFile && dirname(file) !== path)
    .map((file) => dirname(file));
  const hasOwn = files.some((file) => file.endsWith('.tgz') && !isInside(file, tenants));
  const found = tenants.length === 0 || hasOwn ? [path, ...tenants] : tenants;
  return found.map((each) => ({
    space: relative(root, each).replaceAll(sep, '-'),
    path: each,
    without: tenants.filter((tenant) => isInside(tenant, [each])),
  }));
}

function assertDistinctSpaces(folders: readonly SpaceFolder[]): void {
  const paths = new Map<string, string>();
  for (const { space, path } of folders) {
    const other = paths.get(space);
    if (other !== undefined)
      throw usageError(
        `${other} and ${path} would both be the space ${space}: import one after the other, each with the name of its space`,
      );
    paths.set(space, path);
  }
}
