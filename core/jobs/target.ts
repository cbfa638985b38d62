import type { Queryable } from '../db/port.ts';
import { RegistryError } from '../errors.ts';
import { hasVersion } from '../registry/find-version.ts';
import { nameOf } from '../registry/names.ts';
import { explainMissing } from '../registry/not-found.ts';
import type { VersionRef } from '../registry/registry.ts';
import { versionIdSql } from '../registry/version-lookup.ts';
import { explainExisting } from '../registry/version-rows.ts';

/**
 * Checks that a recipe's result has a place to go to.
 * @returns the id of its space
 * @throws {RegistryError} `space.notFound`, `version.exists`
 */
export async function checkTarget(db: Queryable, target: VersionRef): Promise<number> {
  const { space, chart, version } = target;
  const [found] = await db.query<{ id: number; taken: boolean }>(
    `SELECT id, ${versionIdSql('$1', '$2', '$3')} IS NOT NULL AS taken FROM spaces WHERE name = $1`,
    [space, chart, version],
  );
  if (!found) throw await explainMissingTarget(db, space);
  if (found.taken) throw await explainExisting(db, target);
  return found.id;
}

async function explainMissingTarget(db: Queryable, space: string): Promise<RegistryError> {
  const { code, message, details } = await explainMissing(db, { space });
  return new RegistryError(
    code,
    `${message} A recipe makes no space: create it with POST /api/v1/spaces?space=${space}`,
    details,
  );
}

/**
 * Explains a lock on a recipe's target: by the unfinished job that makes the version, or by the version that is there. It
 * may have come while the recipe waited for the lock.
 * @returns undefined where no job makes the version and it is not there
 */
export async function explainTaken(db: Queryable, target: VersionRef): Promise<RegistryError | undefined> {
  const reserved = await explainReserved(db, target);
  if (reserved) return reserved;
  return (await hasVersion(db, target)) ? explainExisting(db, target) : undefined;
}

/** Finds the unfinished job that makes a version, and names it in an error. @returns undefined where no job makes it */
export async function explainReserved(db: Queryable, target: VersionRef): Promise<RegistryError | undefined> {
  const [job] = await db.query<{ id: string }>(
    `SELECT id FROM jobs WHERE space = $1 AND chart = $2 AND version = $3 AND state IN ('queued', 'running')`,
    [target.space, target.chart, target.version],
  );
  if (!job) return undefined;
  const link = `/api/v1/jobs/${job.id}`;
  return new RegistryError(
    'version.composing',
    `${nameOf(target)} is being composed already, by job ${job.id}. Follow it at ${link}, cancel it with DELETE, or choose another version.`,
    { job: job.id, link },
  );
}
