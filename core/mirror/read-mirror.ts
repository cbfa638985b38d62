import type { Queryable } from '../db/port.ts';
import { checkSpaceName } from '../registry/names.ts';
import type { Page, Paging, RegistryDeps } from '../registry/registry.ts';
import { explainMissingMirror } from './mirrored-space.ts';
import type { RunCounts } from './run-end.ts';
import type { MirrorFault, MirrorRunState, MirrorSettings } from './settings.ts';

/** Run of a mirror as clients see it. */
export interface MirrorRun {
  number: number;
  state: MirrorRunState;
  startedAt: Date;
  finishedAt: Date | null;
  counts: RunCounts;
  /** Whether it keeps results of versions: the newest runs do that had any. */
  hasResults: boolean;
  /** Time at which what did not come is tried again; null where that is not done by itself, and for a run that goes on. */
  retryAt: Date | null;
  error?: MirrorFault;
}

/** Mirror as clients see it: without its credentials. */
export interface Mirror extends MirrorSettings {
  space: string;
  url: string;
  every: number | null;
  hasCredentials: boolean;
  /** Time of the next run; null while one goes on, and for a mirror that runs on request only. */
  dueAt: Date | null;
  /** Time at which the space last had all that its upstream has. */
  succeededAt: Date | null;
  /** Newest run. */
  run?: MirrorRun;
}

/** Dependencies of reading mirrors. */
export type MirrorReadDeps = Pick<RegistryDeps, 'db' | 'suggestible'>;

/** Reads the mirror of a space. @throws {RegistryError} `mirror.notFound`, `space.notFound` */
export async function readMirror({ db, suggestible }: MirrorReadDeps, space: string): Promise<Mirror> {
  checkSpaceName(space);
  const [row] = await db.query<
    Omit<Mirror, 'space' | keyof MirrorSettings> & { id: string; settings: MirrorSettings }
  >(
    `SELECT id, url, settings, every, secret IS NOT NULL AS "hasCredentials", due_at AS "dueAt", succeeded_at AS "succeededAt"
       FROM mirrors WHERE space_id = (SELECT id FROM spaces WHERE name = $1)`,
    [space],
  );
  if (!row) throw await explainMissingMirror(db, { suggestible }, space);
  const { id, settings, ...mirror } = row;
  const [run] = await readRuns(db, id, { start: 0, limit: 1 });
  return { space, ...mirror, ...settings, ...(run ? { run } : {}) };
}

/** Lists the runs of a mirror, the newest first. @throws {RegistryError} `mirror.notFound`, `space.notFound` */
export async function listMirrorRuns(
  deps: MirrorReadDeps,
  space: string,
  paging: Paging,
): Promise<Page<MirrorRun>> {
  const { id } = await findMirror(deps, space);
  const [counted] = await deps.db.query<{ total: number }>(
    'SELECT count(*) AS total FROM mirror_runs WHERE mirror_id = $1',
    [id],
  );
  return { total: counted?.total ?? 0, items: await readRuns(deps.db, id, paging) };
}

/** Finds the mirror of a space. @throws {RegistryError} `mirror.notFound`, `space.notFound` */
export async function findMirror(
  { db, suggestible }: MirrorReadDeps,
  space: string,
): Promise<{ id: string }> {
  checkSpaceName(space);
  const [mirror] = await db.query<{ id: string }>(
    'SELECT id FROM mirrors WHERE space_id = (SELECT id FROM spaces WHERE name = $1)',
    [space],
  );
  if (!mirror) throw await explainMissingMirror(db, { suggestible }, space);
  return mirror;
}

async function readRuns(db: Queryable, mirrorId: string, { start, limit }: Paging): Promise<MirrorRun[]> {
  const rows = await db.query<Omit<MirrorRun, 'error'> & { error: MirrorFault | null }>(
    `SELECT number, state, started_at AS "startedAt", finished_at AS "finishedAt", counts, error, retry_at AS "retryAt",
            EXISTS (SELECT FROM mirror_results x WHERE x.run = number) AS "hasResults"
       FROM mirror_runs WHERE mirror_id = $1 ORDER BY number DESC OFFSET $2 LIMIT $3`,
    [mirrorId, start, limit],
  );
  return rows.map(({ error, ...run }) => ({ ...run, ...(error === null ? {} : { error }) }));
}
