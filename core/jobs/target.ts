import type { ReadScope } from '../access/decide.ts';
import type { Digest } from '../blobs/port.ts';
import type { Queryable } from '../db/port.ts';
import { RegistryError } from '../errors.ts';
import { toColumnArrays, versionNameOf } from '../registry/names.ts';
import { explainMissing } from '../registry/not-found.ts';
import type { VersionRef } from '../registry/registry.ts';
import { checkMayReplace, immutableError } from '../registry/revision.ts';
import { hidesTagSql } from '../registry/shadowed-tags.ts';
import { hasVersion, versionIdSql } from '../registry/version-lookup.ts';
import { createVersionExistsError, isImmutable } from '../registry/version-rows.ts';
import type { RecipeRights } from './recipe-rights.ts';
import type { JobLinks } from './view.ts';

/** State of a recipe's target. */
export interface TargetState {
  /** Id of the space; null when it does not exist. */
  spaceId: number | null;
  /** Digest of the version's archive; null when it does not exist. */
  archive: Digest | null;
  /** Whether the version would hide an OCI tag of its name. */
  hidesTag: boolean;
}

/** Request of a recipe for its target. */
export interface TargetRequest {
  /** Whether the recipe replaces a version that exists. */
  replaces: boolean;
  /** Rights of its author. */
  rights: Pick<RecipeRights, 'mayReplace' | 'scope'>;
  /** Paths of what errors advise. */
  links: JobLinks;
}

/** Target that a recipe may have. */
export interface AvailableTarget {
  spaceId: number;
  /** Digest of the archive that it replaces; absent for a new version. */
  replaces?: Digest;
  /** Whether it hides an OCI tag of its name, which its author may replace. */
  hidesTag: boolean;
}

const replaceHint = 'let the recipe replace it with `"replace": true` in `save`';

/** Reads the states of targets, in their order. */
export async function readTargets(db: Queryable, targets: readonly VersionRef[]): Promise<TargetState[]> {
  return db.query<TargetState>(
    `SELECT (SELECT id FROM spaces WHERE name = t.space) AS "spaceId",
            (SELECT digest FROM versions WHERE id = ${versionIdSql('t.space', 't.chart', 't.version')}) AS archive,
            ${hidesTagSql('(SELECT id FROM spaces WHERE name = t.space)', 't.chart', 't.version')} AS "hidesTag"
       FROM unnest((SELECT $1::text[]), (SELECT $2::text[]), (SELECT $3::text[]))
            WITH ORDINALITY AS t (space, chart, version, place)
      ORDER BY place`,
    toColumnArrays(targets),
  );
}

/**
 * Checks that the target's space exists, and its version does not or may be replaced.
 * @throws {RegistryError} as `checkTargetState`
 */
export async function checkTarget(
  db: Queryable,
  target: VersionRef,
  claim: TargetRequest,
): Promise<AvailableTarget> {
  const [state] = await readTargets(db, [target]);
  return checkTargetState(db, target, state, claim);
}

/**
 * Decides whether a recipe may have its target, by the state that `readTargets` has read.
 * @throws {RegistryError} `space.notFound`; `version.exists`, or `version.immutable` and `access.denied` where the recipe
 *   would replace it; `access.denied` also where the version would hide a tag
 */
export async function checkTargetState(
  db: Queryable,
  target: VersionRef,
  state: TargetState | undefined,
  { replaces, rights, links }: TargetRequest,
): Promise<AvailableTarget> {
  if (!state || state.spaceId === null)
    throw await explainMissingTarget(db, target.space, links, rights.scope);
  const { spaceId, archive, hidesTag } = state;
  const { mayReplace } = rights;
  if (archive === null) {
    checkMayReplace(target, { overwrites: hidesTag, mayReplace });
    return { spaceId, hidesTag };
  }
  if (!replaces) throw await explainExistingTarget(db, target);
  if (await isImmutable(db, target.space)) throw immutableError(target);
  checkMayReplace(target, { overwrites: true, mayReplace });
  return { spaceId, replaces: archive, hidesTag };
}

async function explainMissingTarget(
  db: Queryable,
  space: string,
  links: JobLinks,
  scope: ReadScope,
): Promise<RegistryError> {
  const { code, message, details } = await explainMissing(db, { space }, scope);
  return new RegistryError(
    code,
    `${message} A recipe creates no space: create it with POST ${links.newSpace(space)}`,
    details,
  );
}

/**
 * Explains a lock on a recipe's target. The error names the unfinished job that has the target, or the existing version. The
 * version may have come while the recipe waited for the lock.
 * @returns undefined when no job has the target, and the version does not exist or would be replaced
 */
export async function explainTargetLock(
  db: Queryable,
  target: VersionRef,
  { links, replaces }: Pick<TargetRequest, 'links' | 'replaces'>,
): Promise<RegistryError | undefined> {
  const reserved = await explainReservedTarget(db, target, links);
  if (reserved || replaces) return reserved;
  return (await hasVersion(db, target)) ? explainExistingTarget(db, target) : undefined;
}

/** Makes the error for a recipe whose version exists. Its pointer is the key that names the version. */
async function explainExistingTarget(db: Queryable, target: VersionRef): Promise<RegistryError> {
  const { code, message, details } = await createVersionExistsError(db, target, replaceHint);
  return new RegistryError(code, message, { ...details, pointer: '/save/version' });
}

/**
 * Finds the unfinished job that has a target, and makes the error. The error names the job; undefined when there is
 * none.
 */
export async function explainReservedTarget(
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
    `${versionNameOf(target)} is being composed already, by job ${job.id}. Follow it at ${link}, cancel it with DELETE, or choose another version.`,
    { job: job.id, link },
  );
}
