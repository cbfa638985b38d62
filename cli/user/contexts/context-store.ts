import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandError, usageError } from '../command-error.ts';
import { exitCodes } from '../exit-codes.ts';
import { configFolder, type Environment } from './config-folder.ts';
import { type Context, isContextName, parseContext } from './context.ts';
import { parseJson, readFileIfPresent } from './read-json.ts';
import { writePrivateFile } from './write-private-file.ts';

/** Context with its name. */
export type NamedContext = Context & { name: string };

/** Contexts of a user, each in a file of its own: two log-ins at the same time do not lose each other's. */
export interface ContextStore {
  /** Reads the context in use, if one was chosen. */
  current(): Promise<NamedContext | undefined>;
  list(): Promise<NamedContext[]>;
  /** Reads a context. @throws {CommandError} where there is none of the name */
  read(name: string): Promise<NamedContext>;
  find(name: string): Promise<NamedContext | undefined>;
  write(name: string, context: Context): Promise<void>;
  /** Uses a context from now on. */
  use(name: string): Promise<void>;
  remove(name: string): Promise<void>;
}

/** Creates the store of the contexts, in `$XDG_CONFIG_HOME/helm-registry/`. */
export function createContextStore(environment: Environment): ContextStore {
  const folder = configFolder(environment, 'helm-registry');
  const contexts = join(folder, 'contexts');
  const currentFile = join(folder, 'current');
  const fileOf = (name: string) => {
    if (!isContextName(name))
      throw usageError(
        `${JSON.stringify(name)} is not a name for a context: use letters, digits and . _ : -`,
      );
    return join(contexts, `${encodeURIComponent(name)}.json`);
  };

  const store: ContextStore = {
    async current() {
      const name = (await readFileIfPresent(currentFile))?.trim();
      return name !== undefined && isContextName(name) ? store.find(name) : undefined;
    },
    async list() {
      const names = await readNames(contexts);
      const found = await Promise.all(names.map((name) => store.find(name)));
      return found.filter((context) => context !== undefined);
    },
    async read(name) {
      const context = await store.find(name);
      if (context) return context;
      throw new CommandError(
        `there is no context ${name}: \`helm-registry context list\` shows them`,
        exitCodes.notFound,
      );
    },
    async find(name) {
      const path = fileOf(name);
      const text = await readFileIfPresent(path);
      if (text === undefined) return undefined;
      const context = parseContext(parseJson(text));
      if (context) return { name, ...context };
      throw new CommandError(`${path} is damaged: remove it and log in again`);
    },
    write: (name, context) => writePrivateFile(fileOf(name), `${JSON.stringify(context, null, 2)}\n`),
    use: (name) => writePrivateFile(currentFile, `${name}\n`),
    remove: (name) => rm(fileOf(name), { force: true }),
  };
  return store;
}

async function readNames(folder: string): Promise<string[]> {
  try {
    const files = await readdir(folder);
    return files
      .flatMap((file) => (file.endsWith('.json') ? [decodeURIComponent(file.slice(0, -5))] : []))
      .filter(isContextName)
      .sort();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
