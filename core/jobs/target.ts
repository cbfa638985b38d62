import type { ReadScope } from '../access/decide.ts';
import type { Queryable } from '../db/port.ts';
import { RegistryError } from '../errors.ts';
import { nameOf, toColumns } from '../registry/names.ts';
import { explainMissing } from '../registry/not-found.ts';
import type { VersionRef } from '../registry/registry.ts';
import { checkMayReplace } from '../registry/revision.ts';
import { hidesTagSql } from '../registry/shadowed-tags.ts';
import { hasVersion, versionIdSql } from '../registry/version-lookup.ts';
import { explainExisting } from '../registry/version-rows.ts';
import type { JobLinks } from './view.ts';

/** State of a recipe's target. */
export interface TargetState {
  /** Id of the space; null when it does not exist. */
  spaceId: number | null;
  /** Whether the version exists. */
  exists: boolean;
  /** Whether the version would hide an OCI tag of its name. */
  hidesTag: boolean;
}

/** Facts for the check of a target: the paths that errors advise, the bounds of names that they suggest, and a right. */
export interface TargetHints {
  links: JobLinks;
  scope: ReadScope;
  /** Whether the author may replace what the target's chart has. */
  mayReplace: boolean;
}

/** Reads the states of targets, in their order. */
export async function readTargets(db: Queryable, targets: readonly VersionRef[]): Promise<TargetState[]> {
  return db.query<TargetState>(
    `SELECT (SELECT id FROM spaces WHERE name = t.space) AS "spaceId",
            ${versionIdSql('t.space', 't.chart', 't.version')} IS NOT NULL AS exists,
            ${hidesTagSql('(SELECT id FROM spaces WHERE name = t.space)', 't.chart', 't.version')} AS "hidesTag"
       FROM unnest((SELECT $1::text[]), (SELECT $2::text[]), (SELECT $3::text[]))
            WITH ORDINALITY AS t (space, chart, version, place)
      ORDER BY place`,
    toColumns(targets),
  );
}

/**
 * Checks that the target's space exists and its version does not.
 * @throws {RegistryError} `space.notFound`, `version.exists`; `access.denied` for one that would hide a tag
 */
export async function checkTarget(db: Queryable, target: VersionRef, hints: TargetHints): Promise<void> {
  const [state] = await readTargets(db, [target]);
  await assertFree(db, target, state, hints);
}

/**
 * Checks the state of a target, as `readTargets` has read it.
 * @returns the id of the space
 * @throws {RegistryError} `space.notFound`, `version.exists`, `access.denied`
 */
export async function assertFree(
  db: Queryable,
  target: VersionRef,
  state: TargetState | undefined,
  hints: TargetHints,
): Promise<number> {
  if (!state || state.spaceId === null) throw await explainMissingTarget(db, target.space, hints);
  if (state.exists) throw await explainExisting(db, target);
  checkMayReplace(target, { overwrites: state.hidesTag, mayReplace: hints.mayReplace });
  return state.spaceId;
}

async function explainMissingTarget(
  db: Queryable,
  space: string,
  { links, scope }: TargetHints,
): Promise<RegistryError> {
  const { code, message, details } = await explainMissing(db, { space }, scope);
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
