import type { Subject } from '../access/decide.ts';
import { mayInSpace } from '../access/decide.ts';
import { type KeptCaller, readSubjects, selectSpaceAccess } from '../access/kept-caller.ts';
import { markRefusal } from '../access/refusals.ts';
import type { SpaceRight } from '../access/rights.ts';
import type { Queryable } from '../db/port.ts';
import { RegistryError } from '../errors.ts';
import type { SpaceAccess } from '../read-cache/space-state.ts';
import { storedSources } from '../recipe/sources.ts';
import { hidesTagSql } from '../registry/shadowed-tags.ts';
import { isMoreOpen } from './recipe-rights.ts';
import type { NewJob } from './submission.ts';
import type { AvailableTarget } from './target.ts';

/** Chart of a space, with the id that the space had when the recipe was accepted. */
interface AcceptedChart {
  space: string;
  chart: string;
  spaceId: number | null;
}

/** Job that is about to succeed, with what its author must still be allowed to do. */
export interface EndingJob {
  /** Undefined for a job that was accepted with open access. */
  author: KeptCaller | undefined;
  target: AcceptedChart;
  /** Whether it replaces a version, or hides an OCI tag of its name. */
  overwrites: boolean;
  sources: readonly AcceptedChart[];
}

/**
 * Finds the jobs whose authors have lost a right. The authors had the right when the recipes were accepted.
 * All jobs of a transaction share one query for principals, and one each for tokens, proofs and spaces. To be asked as late in
 * the transaction as possible: a right that is taken away later was there when the job ended.
 * @returns errors in the order of the jobs; undefined for a job that may succeed
 */
export async function findLostRights(
  tx: Queryable,
  jobs: readonly EndingJob[],
): Promise<(RegistryError | undefined)[]> {
  const authors = jobs.flatMap(({ author }) => (author ? [author] : []));
  const names = jobs.flatMap(({ target, sources }) => [target.space, ...sources.map(({ space }) => space)]);
  const [subjects, spaces] = await Promise.all([readSubjects(tx, authors), selectSpaceAccess(tx, names)]);
  const subjectOf = new Map(authors.map((author, index) => [author, subjects[index]]));
  return jobs.map((job) => {
    if (!job.author) return missingAuthorError();
    const right = findMissingRight(subjectOf.get(job.author), job, spaces);
    const { space, chart } = job.target;
    return right && markRefusal(lostRightError(right), { right, space, chart });
  });
}

/** Finds a right that an author does not have now in the spaces that its recipe was accepted for. */
function findMissingRight(
  subject: Subject | undefined,
  { target, overwrites, sources }: EndingJob,
  spaces: ReadonlyMap<string, SpaceAccess>,
): SpaceRight | undefined {
  const spaceOf = ({ space, spaceId }: AcceptedChart) => {
    const found = spaces.get(space);
    return found?.id === spaceId ? found : undefined;
  };
  const targetSpace = spaceOf(target);
  if (!subject || !targetSpace || !mayInSpace(subject, 'chart.publish', targetSpace, target.chart))
    return 'chart.publish';
  if (overwrites && !mayInSpace(subject, 'chart.replace', targetSpace, target.chart)) return 'chart.replace';
  for (const source of sources) {
    const space = spaceOf(source);
    if (!space || !mayInSpace(subject, 'chart.read', space, source.chart)) return 'chart.read';
    if (isMoreOpen(targetSpace, space) && !mayInSpace(subject, 'chart.disclose', space, source.chart))
      return 'chart.disclose';
  }
  return undefined;
}

/** Says what is missing, and not where: the target's readers see the error, and may not know each source. */
function lostRightError(right: SpaceRight): RegistryError {
  return new RegistryError(
    'access.denied',
    `The author of this recipe has lost the right ${right} that it needs, the token, password or trust rule by which it came has ended, or a space of it was deleted or opened to more readers. Nothing was stored; send the recipe again with the rights it needs.`,
    { right },
  );
}

function missingAuthorError(): RegistryError {
  return new RegistryError(
    'access.denied',
    'This recipe was accepted while everybody might do everything, so it has no author whose rights could be checked. Nothing was stored; send the recipe again.',
  );
}

/** Returns what to check at the end of a job that is composed inline. */
export function toEndingJob(
  { plan, rights: { author, spaceIds } }: NewJob,
  { replaces, hidesTag }: Pick<AvailableTarget, 'replaces' | 'hidesTag'>,
): EndingJob {
  const placeOf = ({ space, chart }: { space: string; chart: string }): AcceptedChart => ({
    space,
    chart,
    spaceId: spaceIds.get(space) ?? null,
  });
  return {
    author: author && { principalId: author.id, tokenId: author.tokenId, proof: author.proof },
    target: placeOf(plan),
    overwrites: replaces !== undefined || hidesTag,
    sources: storedSources(plan.root).map(placeOf),
  };
}

/**
 * Reads what to check at the end of jobs that a worker has composed.
 * Their reservations keep tags of the targets' names from coming meanwhile.
 */
export async function selectEndingJobs(
  tx: Queryable,
  ids: readonly string[],
): Promise<Map<string, EndingJob>> {
  const rows = await tx.query<
    AcceptedChart & {
      id: string;
      author: string | null;
      token: string | null;
      proof: string | null;
      overwrites: boolean;
      sources: AcceptedChart[];
    }
  >(
    `SELECT j.id, j.author_id AS author, j.token_id AS token, j.proof, j.space, j.chart, j.space_id AS "spaceId",
            j.replaces IS NOT NULL OR ${hidesTagSql('j.space_id', 'j.chart', 'j.version')} AS overwrites,
            (SELECT coalesce(jsonb_agg(jsonb_build_object('space', s.space, 'chart', s.chart, 'spaceId', s.space_id)), '[]')
               FROM job_sources s WHERE s.job_id = j.id) AS sources
       FROM jobs j WHERE j.id = ANY((SELECT $1::uuid[])::uuid[])`,
    [ids],
  );
  return new Map(
    rows.map(({ id, author, token, proof, overwrites, sources, ...target }) => [
      id,
      {
        author:
          author === null
            ? undefined
            : { principalId: author, tokenId: token ?? undefined, proof: proof ?? undefined },
        target,
        overwrites,
        sources,
      },
    ]),
  );
}
