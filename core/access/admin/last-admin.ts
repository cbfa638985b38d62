import type { Transaction } from '../../db/port.ts';
import { RegistryError } from '../../errors.ts';

/**
 * Acquires the lock of changes of admins until the transaction ends. Admins are made, disabled, demoted and deleted
 * under it. So of two admins who remove each other at once the second is counted without the first.
 */
export async function lockAdmins(tx: Transaction): Promise<void> {
  await tx.query("SELECT pg_advisory_xact_lock(hashtextextended('the admins of the registry', 0))");
}

/**
 * Checks that an enabled admin is left. Call at the end of a change under the lock. Groups do not count, for a
 * provider's claims may empty them, nor do service accounts, which nobody can log in as.
 * @throws {RegistryError} `principal.lastAdmin`
 */
export async function assertAdminLeft(tx: Transaction): Promise<void> {
  const left = await tx.query(
    "SELECT 1 FROM principals WHERE kind = 'user' AND registry_role = 'admin' AND NOT disabled LIMIT 1",
  );
  if (left.length > 0) return;
  throw new RegistryError(
    'principal.lastAdmin',
    'This user is the last enabled admin. Make another user admin before.',
  );
}
