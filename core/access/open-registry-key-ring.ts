import type { Queryable } from '../db/port.ts';
import type { Log } from '../runtime/log.ts';
import { StartError } from '../runtime/startup-error.ts';
import { readKeyFile } from './key-file.ts';
import { type Key, type KeyRing, openKeyRing, type ReadKeys } from './keys.ts';

/**
 * Opens the keys of the registry. Keys are in a file, or in the database, where the migration has made them. With a
 * file, the keys in the database only open what was sealed before there was a file. So somebody with a copy of the
 * database can sign nothing with them.
 * @param file path, or empty for none
 * @throws {StartError} for a file that is not as it should be, and without a key
 */
export async function openRegistryKeyRing(
  file: string,
  db: Queryable,
  log: Pick<Log, 'warn'>,
): Promise<KeyRing> {
  if (file === '') return openKeyRing(() => readKeyTable(db));
  const readFile = createFileReader(file, log);
  return openKeyRing(async () => {
    const [inFile, inTable] = await Promise.all([readFile(), selectKeys(db)]);
    return [...inFile, ...inTable.map((key) => ({ ...key, opensOnly: true }))];
  });
}

/** Creates the reader of a file. A file that can no longer be read, perhaps half replaced, leaves the keys as they were. */
function createFileReader(file: string, log: Pick<Log, 'warn'>): ReadKeys {
  let known: readonly Key[] | undefined;
  return async () => {
    if (!known) {
      known = await readKeyFile(file, log);
      return known;
    }
    try {
      known = await readKeyFile(file, { warn: () => undefined });
    } catch (error) {
      log.warn({ error }, 'AUTH_KEYS_FILE can no longer be read; the keys that it had before are used');
    }
    return known;
  };
}

async function readKeyTable(db: Queryable): Promise<Key[]> {
  const keys = await selectKeys(db);
  if (keys.length > 0) return keys;
  throw new StartError(
    'there is no key: set AUTH_KEYS_FILE, or make one in the database with `INSERT INTO auth_keys DEFAULT VALUES`',
  );
}

async function selectKeys(db: Queryable): Promise<Key[]> {
  return db.query<Key>(
    `SELECT 'db-' || number AS id, key AS secret, false AS "opensOnly" FROM auth_keys ORDER BY number DESC`,
  );
}
