import { randomBytes } from 'node:crypto';
import { chown, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartError } from '../../runtime/startup-error.ts';
import { syncFolder } from '../../runtime/sync-folder.ts';
import type { Binaries } from './binaries.ts';
import { runGuarded } from './guardian.ts';
import type { ServerLog } from './server-log.ts';
import type { ServerUser } from './server-user.ts';

/** Role that owns everything; its password is in the data folder. */
export const roleName = 'registry';
const passwordFile = 'registry.password';
const initPrefix = 'postgres.init-';

/**
 * Makes the data folder unless it exists. initdb runs under another name, and the complete folder is renamed, password
 * included. So an interrupted run never looks like a database.
 * @param folder parent of the data folder
 * @returns the password of the role
 */
export async function ensureDataFolder(
  binaries: Binaries,
  account: ServerUser,
  folder: string,
  log: ServerLog,
): Promise<string> {
  for (const name of await readdir(folder)) {
    // An initdb whose parent was killed a moment ago may still be writing there.
    if (name.startsWith(initPrefix)) {
      await rm(join(folder, name), { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
    }
  }
  const data = join(folder, 'postgres');
  const version = await readIfExists(join(data, 'PG_VERSION'));
  if (version === undefined) await makeDataFolder(binaries, account, folder, log);
  else if (version.trim() !== '18') {
    throw new StartError(
      `${data} was made by PostgreSQL ${version.trim()} and this is 18: start a release that has that version, or move the data with pg_dump`,
    );
  }
  const password = await readIfExists(join(data, passwordFile));
  if (password === undefined) throw new StartError(`${join(data, passwordFile)} is missing: restore it`);
  return password;
}

async function makeDataFolder(
  binaries: Binaries,
  account: ServerUser,
  folder: string,
  log: ServerLog,
): Promise<void> {
  const work = join(folder, `${initPrefix}${randomBytes(6).toString('hex')}`);
  const data = join(work, 'data');
  const password = join(work, 'password');
  await mkdir(work, { mode: 0o700 });
  await writeFile(password, randomBytes(24).toString('base64url'), { mode: 0o600, flush: true });
  if (account.owner) {
    await chown(work, account.owner.uid, account.owner.gid);
    await chown(password, account.owner.uid, account.owner.gid);
  }
  const args = ['-D', data, '-U', roleName, `--pwfile=${password}`, '--auth=scram-sha-256'];
  const locale = ['--encoding=UTF8', '--locale=C', '--no-instructions'];
  const output = await log.open();
  try {
    const status = await runGuarded(account.launch(binaries.initdb, [...args, ...locale]), output.fd).ended;
    if (status !== 0) throw explainFailure(await output.tail());
  } finally {
    await output.close();
  }
  await rename(password, join(data, passwordFile));
  await syncFolder(data);
  await rename(data, join(folder, 'postgres'));
  await syncFolder(folder);
  await rm(work, { recursive: true, force: true });
}

function explainFailure(output: string): StartError {
  if (output.includes('could not look up effective user ID')) {
    return new StartError(
      `PostgreSQL cannot make a database for user ${process.geteuid?.()}, who has no entry in /etc/passwd: add one, start as another user, or set DATABASE_URL to a PostgreSQL of your own`,
    );
  }
  return new StartError(`initdb failed: ${output}`);
}

async function readIfExists(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}
