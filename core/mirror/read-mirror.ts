import type { Queryable } from '../db/port.ts';
import { checkSpaceName } from '../registry/names.ts';
import type { Page, Paging, RegistryDeps } from '../registry/registry.ts';
import type { RunCounts } from './end-run.ts';
import { mirrorMissing } from './place.ts';
import type { MirrorFault, MirrorOutcome, MirrorRunState, MirrorSettings } from './settings.ts';

/** Run of a mirror as clients see it. */
export interface MirrorRun {
  number: number;
  state: MirrorRunState;
  startedAt: Date;
  finishedAt: Date | null;
  counts: RunCounts;
  error?: MirrorFault;
}

/** Mirror as clients see it: without its credentials. */
export interface Mirror extends MirrorSettings {
  space: string;
  url: string;
  every: number | null;
  hasCredentials: boolean;
  /** Time of the next run; null for one that runs now, or when it is told to. */
  dueAt: Date | null;
  /** Time at which the space was as its upstream. */
  succeededAt: Date | null;
  /** Newest run. */
  run?: MirrorRun;
}

type Deps = Pick<RegistryDeps, 'db' | 'suggestible'>;

/** Reads the mirror of a space. @throws {RegistryError} `mirror.notFound`, `space.notFound` */
export async function readMirror({ db, suggestible }: Deps, space: string): Promise<Mirror> {
  checkSpaceName(space);
  const [row] = await db.query<
    Omit<Mirror, 'space' | keyof MirrorSettings> & { id: string; settings: MirrorSettings }
  >(
    `SELECT id, url, settings, every, secret IS NOT NULL AS "hasCredentials", due_at AS "dueAt", succeeded_at AS "succeededAt"
       FROM mirrors WHERE space_id = (SELECT id FROM spaces WHERE name = $1)`,
    [space],
  );
  if (!row) throw await mirrorMissing(db, { suggestible }, space);
  const { id, settings, ...mirror } = row;
  const [run] = await readRuns(db, id, { start: 0, limit: 1 });
  return { space, ...mirror, ...settings, ...(run ? { run } : {}) };
}

/** Lists the runs of a mirror, the newest first. @throws {RegistryError} `mirror.notFound`, `space.notFound` */
export async function listMirrorRuns(deps: Deps, space: string, paging: Paging): Promise<Page<MirrorRun>> {
  const { id } = await findMirror(deps, space);
  const [counted] = await deps.db.query<{ total: number }>(
    'SELECT count(*) AS total FROM mirror_runs WHERE mirror_id = $1',
    [id],
  );
  return { total: counted?.total ?? 0, items: await readRuns(deps.db, id, paging) };
}

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
  deps: Deps,
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

async function findMirror({ db, suggestible }: Deps, space: string): Promise<{ id: string }> {
  checkSpaceName(space);
  const [mirror] = await db.query<{ id: string }>(
    'SELECT id FROM mirrors WHERE space_id = (SELECT id FROM spaces WHERE name = $1)',
    [space],
  );
  if (!mirror) throw await mirrorMissing(db, { suggestible }, space);
  return mirror;
}

async function readRuns(db: Queryable, mirrorId: string, { start, limit }: Paging): Promise<MirrorRun[]> {
  const rows = await db.query<Omit<MirrorRun, 'error'> & { error: MirrorFault | null }>(
    `SELECT number, state, started_at AS "startedAt", finished_at AS "finishedAt", counts, error
       FROM mirror_runs WHERE mirror_id = $1 ORDER BY number DESC OFFSET $2 LIMIT $3`,
    [mirrorId, start, limit],
  );
  return rows.map(({ error, ...run }) => ({ ...run, ...(error === null ? {} : { error }) }));
}
