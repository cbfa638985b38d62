import type { Page, Paging } from '../registry/registry.ts';
import { findMirror, type MirrorReadDeps } from './read-mirror.ts';
import type { MirrorFault, MirrorOutcome } from './settings.ts';

/** Version of a mirror with its last outcome. */
export interface MirrorVersion {
  chart: string;
  version: string;
  outcome: MirrorOutcome;
  /** Number of the run that it is of. */
  run: number;
  at: Date;
  /** Digest that the upstream has, where another one is stored. */
  upstreamDigest?: string;
  error?: MirrorFault;
}

/**
 * Lists the versions of a mirror with their outcomes, by chart and version.
 * @param outcome lists those alone that have it
 * @throws {RegistryError} `mirror.notFound`, `space.notFound`
 */
export async function listMirrorVersions(
  deps: MirrorReadDeps,
  space: string,
  paging: Paging,
  outcome?: MirrorOutcome,
): Promise<Page<MirrorVersion>> {
  const { id } = await findMirror(deps, space);
  const where = 'mirror_id = $1 AND ($2::mirror_outcome IS NULL OR outcome = $2)';
  const [[counted], rows] = await Promise.all([
    deps.db.query<{ total: number }>(`SELECT count(*) AS total FROM mirror_versions WHERE ${where}`, [
      id,
      outcome ?? null,
    ]),
    deps.db.query<MirrorVersion & { upstream: string | null; error: MirrorFault | null }>(
      `SELECT chart, version, outcome, run, at, upstream, error FROM mirror_versions WHERE ${where}
        ORDER BY chart, version OFFSET $3 LIMIT $4`,
      [id, outcome ?? null, paging.start, paging.limit],
    ),
  ]);
  const items = rows.map(({ upstream, error, ...row }) => ({
    ...row,
    ...(upstream === null ? {} : { upstreamDigest: upstream }),
    ...(error === null ? {} : { error }),
  }));
  return { total: counted?.total ?? 0, items };
}
