import type { Queryable } from '../db/port.ts';
import { RegistryError } from '../errors.ts';
import { nameOf } from '../registry/names.ts';
import { explainMissing } from '../registry/not-found.ts';
import type { VersionRef } from '../registry/registry.ts';
import { hasVersion, versionIdSql } from '../registry/version-lookup.ts';
import { explainExisting } from '../registry/version-rows.ts';
import type { JobLinks } from './view.ts';

/**
 * Checks that the target's space exists and its version does not.
 * @returns the id of the space
 * @throws {RegistryError} `space.notFound`, `version.exists`
 */
export async function checkTarget(db: Queryable, target: VersionRef, links: JobLinks): Promise<number> {
  const { space, chart, version } = target;
  const [found] = await db.query<{ id: number; exists: boolean }>(
    `SELECT id, ${versionIdSql('$1', '$2', '$3')} IS NOT NULL AS exists FROM spaces WHERE name = $1`,
    [space, chart, version],
  );
  if (!found) throw await explainMissingTarget(db, space, links);
  if (found.exists) throw await explainExisting(db, target);
  return found.id;
}

async function explainMissingTarget(db: Queryable, space: string, links: JobLinks): Promise<RegistryError> {
  const { code, message, details } = await explainMissing(db, { space });
  return new RegistryError(
    code,
    `${message} A recipe creates no space: create it with POST ${links.newSpace(space)}`,
    details,
  );
}

/**
 * Explains a lock on a recipe's target: by the unfinished job that has the target, or by the version that exists. The
 * version may have come while the recipe waited for the lock.
 * @returns undefined when no job has the target and the version does not exist
 */
export async function explainTaken(
  db: Queryable,
  target: VersionRef,
  links: JobLinks,
): Promise<RegistryError | undefined> {
  const reserved = await explainReserved(db, target, links);
  if (reserved) return reserved;
  return (await hasVersion(db, target)) ? explainExisting(db, target) : undefined;
}

/** Finds the unfinished job that has a target, and returns an error that names the job; undefined when there is none. */
export async function explainReserved(
  db: Queryable,
  target: VersionRef,
  links: JobLinks,
): Promise<RegistryError | undefined> {
  const [job] = await db.query<{ id: string }>(
    `SELECT id FROM jobs WHERE space = $1 AND chart = $2 AND version = $3 AND state IN ('queued', 'running')`,
    [target.space, target.chart, target.version],
  );
  if (!job) return undefined;
  const link = links.job(job.id);
  return new RegistryError(
    'version.composing',
    `${nameOf(target)} is being composed already, by job ${job.id}. Follow it at ${link}, cancel it with DELETE, or choose another version.`,
    { job: job.id, link },
  );
}
