import { RegistryError } from '../errors.ts';
import type { Page, Paging } from '../registry/registry.ts';
import { findMirror, type MirrorReadDeps } from './read-mirror.ts';
import type { MirrorFault, MirrorOutcome } from './settings.ts';

/** Result of a run: what came of a version in it. */
export interface MirrorResult {
  chart: string;
  version: string;
  outcome: MirrorOutcome;
  at: Date;
  /** Digest that the upstream had, where another one is stored. */
  upstreamDigest?: string;
  error?: MirrorFault;
  /** Whether a version that failed is tried again without anybody asking; absent for other outcomes. */
  retries?: boolean;
}

/** Largest number of a run; greater ones are not integers of JavaScript. */
const maxRunNumber = Number.MAX_SAFE_INTEGER;

/**
 * Lists the results of a run of a mirror, by chart and version. Old runs keep none.
 * @param run number of the run, as a path has it
 * @param outcome lists those alone that have it
 * @throws {RegistryError} `mirror.runNotFound`, `mirror.notFound`, `space.notFound`
 */
export async function listMirrorResults(
  deps: MirrorReadDeps,
  space: string,
  run: string,
  paging: Paging,
  outcome?: MirrorOutcome,
): Promise<Page<MirrorResult>> {
  const { id } = await findMirror(deps, space);
  const number = /^\d{1,16}$/.test(run) ? Math.min(Number(run), maxRunNumber) : 0;
  const [found] = await deps.db.query<{ retries: boolean }>(
    `SELECT CASE WHEN r.state = 'running' THEN m.every IS NOT NULL ELSE r.retry_at IS NOT NULL END AS retries
       FROM mirror_runs r JOIN mirrors m ON m.id = r.mirror_id WHERE r.number = $1 AND r.mirror_id = $2`,
    [number, id],
  );
  if (!found)
    throw new RegistryError(
      'mirror.runNotFound',
      `The mirror of space ${space} has no run ${run.slice(0, 40)}.`,
    );
  const where = 'run = $1 AND ($2::mirror_outcome IS NULL OR outcome = $2)';
  const [[counted], rows] = await Promise.all([
    deps.db.query<{ total: number }>(`SELECT count(*) AS total FROM mirror_results WHERE ${where}`, [
      number,
      outcome ?? null,
    ]),
    deps.db.query<MirrorResult & { upstream: string | null; error: MirrorFault | null }>(
      `SELECT chart, version, outcome, at, upstream, error FROM mirror_results WHERE ${where}
        ORDER BY chart, version OFFSET $3 LIMIT $4`,
      [number, outcome ?? null, paging.start, paging.limit],
    ),
  ]);
  const items = rows.map(({ upstream, error, ...row }) => ({
    ...row,
    ...(upstream === null ? {} : { upstreamDigest: upstream }),
    ...(error === null ? {} : { error }),
    ...(row.outcome === 'failed' ? { retries: found.retries } : {}),
  }));
  return { total: counted?.total ?? 0, items };
}
