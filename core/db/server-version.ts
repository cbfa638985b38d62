import { StartError } from '../runtime/startup-error.ts';
import type { Queryable } from './port.ts';

/** Oldest supported major version of PostgreSQL, on which the tests pass. */
export const oldestVersion = 15;

/**
 * Checks that the server is not too old.
 * @throws {StartError} that names both versions
 */
export async function assertServerVersion(db: Queryable): Promise<void> {
  const [row] = await db.query<{ version: number }>(
    "SELECT current_setting('server_version_num')::integer AS version",
  );
  assertSupported(row?.version ?? 0);
}

/**
 * Checks a version number of PostgreSQL.
 * @param version as in server_version_num: 150004 is 15.4
 * @throws {StartError} that names both versions
 */
export function assertSupported(version: number): void {
  const major = Math.floor(version / 10_000);
  if (major >= oldestVersion) return;
  throw new StartError(
    `PostgreSQL at DATABASE_URL is version ${major}, and ${oldestVersion} is the oldest that works: upgrade it, or name a newer one`,
  );
}
