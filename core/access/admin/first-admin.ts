import { readFile } from 'node:fs/promises';
import { recordAudit } from '../../audit/record.ts';
import { isRegistryError } from '../../errors.ts';
import type { Log } from '../../runtime/log.ts';
import { StartError } from '../../runtime/startup-error.ts';
import { errorCode } from '../../runtime/transient-errors.ts';
import { createOperatorActor } from '../actor.ts';
import type { AdminDeps } from './admin.ts';
import { lockAdmins } from './last-admin.ts';
import { insertPrincipal } from './principal-rows.ts';
import { hashNewPassword } from './users.ts';

/** Name of the user that the password file is for. */
const firstAdminName = 'admin';

/**
 * Makes the user `admin` where a registry has no admin. The password is in a file. Several processes that start at
 * once make one.
 * @param file path; without one a registry without an admin is reported to the log
 * @throws {StartError} when the file cannot be read, or its password is too poor
 */
export async function ensureFirstAdmin(deps: Pick<AdminDeps, 'db'>, file: string, log: Log): Promise<void> {
  if (await hasAdmin(deps)) return;
  if (file === '') {
    log.warn(
      'nobody can administer this registry: add an admin with `helm-registry user add NAME --admin`, or set ADMIN_PASSWORD_FILE',
    );
    return;
  }
  const password = await readPasswordFile(file);
  const isMade = await createFirstAdmin(deps, password).catch((error: unknown) => {
    throw isRegistryError(error) ? new StartError(`ADMIN_PASSWORD_FILE: ${error.message}`) : error;
  });
  if (isMade)
    log.info({ user: firstAdminName }, 'made the first admin, with the password of ADMIN_PASSWORD_FILE');
}

async function createFirstAdmin(deps: Pick<AdminDeps, 'db'>, password: string): Promise<boolean> {
  const passwordHash = await hashNewPassword(password, firstAdminName);
  return deps.db.transaction(async (tx) => {
    await lockAdmins(tx);
    if (await hasAdmin({ db: tx })) return false;
    await insertPrincipal(tx, { kind: 'user', name: firstAdminName, role: 'admin', passwordHash });
    // The operator has written the file, on the registry's machine.
    await recordAudit(tx, createOperatorActor('ADMIN_PASSWORD_FILE'), {
      action: 'user.create',
      right: 'principal.manage',
      details: { user: firstAdminName, role: 'admin' },
    });
    return true;
  });
}

async function hasAdmin({ db }: { db: Pick<AdminDeps['db'], 'query'> }): Promise<boolean> {
  const found = await db.query(
    "SELECT FROM principals WHERE kind = 'user' AND registry_role = 'admin' AND NOT disabled LIMIT 1",
  );
  return found.length > 0;
}

async function readPasswordFile(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
  } catch (error) {
    throw new StartError(`ADMIN_PASSWORD_FILE: ${file} cannot be read (${errorCode(error)})`);
  }
}
