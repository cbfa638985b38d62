import { randomUUID } from 'node:crypto';
import { type Author, authorOf } from '../access/author.ts';
import { recordAudit } from '../audit/record.ts';
import type { Transaction } from '../db/port.ts';
import type { JobDeps } from '../jobs/jobs.ts';
import type { FollowSettings } from '../recipe/follow-settings.ts';
import { rootMissingError } from '../recipe/parse-follow.ts';
import { readLineageRecipe } from '../registry/lineage-recipe.ts';
import type { NamedChart } from '../registry/mask-sources.ts';
import { checkChartName, checkSpaceName } from '../registry/names.ts';
import type { RegistryDeps } from '../registry/registry.ts';
import { chartIdSql } from '../registry/version-lookup.ts';
import { type Callback, checkCallback } from '../webhooks/callback.ts';
import { type SealedCallback, sealCallback } from '../webhooks/callback-secrets.ts';
import { checkFollowSettings } from './check-follow.ts';
import { ClosedCycle, createFollowCycleError } from './cycle-error.ts';
import { newestVersionSql } from './newest-composed.ts';
import { rootSourcePointer } from './next-version.ts';
import { createFollowMissingError } from './read-follow.ts';
import { assertNoCycle, refreshSources } from './refresh-sources.ts';
import { overwriteFollowSql } from './start-follows.ts';

/** Follow to set: its settings, and who is called when a job of it ends. */
export interface WantedFollow {
  settings: FollowSettings;
  /** Absent to keep the one that there is, if the same principal has set it. */
  callback?: Callback | undefined;
}

/** Dependencies of setting a follow. */
export interface SetFollowDeps extends Pick<JobDeps, 'guard' | 'sealer'> {
  registry: RegistryDeps;
}

/**
 * Sets the follow of a composed chart. Runs have the rights of the actor from now on. The follow is checked at once,
 * whatever failed before.
 * @throws {RegistryError} `lineage.notFound` for a chart whose newest version was not composed; `follow.cycle`;
 *   `access.denied` also where the actor may not read one of the sources; `callback.invalid`, `chart.notFound`
 */
export async function setFollow(deps: SetFollowDeps, chart: NamedChart, wanted: WantedFollow): Promise<void> {
  const { registry, guard, sealer } = deps;
  const { db, actor } = registry;
  checkSpaceName(chart.space);
  checkChartName(chart.chart);
  await checkFollowSettings(registry, chart, wanted.settings, '');
  await readLineageRecipe(registry, { ...chart, version: await readNewestVersion(registry, chart) });
  if (wanted.settings.next === 'same-as-source' && !(await hasRootSource(registry, chart)))
    throw rootMissingError('/next');
  const row = randomUUID();
  const checked = wanted.callback && checkCallback(wanted.callback, guard);
  const callback = checked && (await sealCallback({ db, sealer }, row, checked));
  const author = await authorOf(actor);
  const setting = db.transaction(async (tx) => {
    await actor.confirm(tx, 'chart.publish', chart);
    const id = await upsert(tx, chart, { settings: wanted.settings, author, callback, row });
    // The chart was deleted meanwhile.
    if (id === undefined) return false;
    await refreshSources(tx, [id], { spaces: 'accept' });
    await assertNoCycle(tx, id, chart);
    await recordAudit(tx, actor, {
      action: 'follow.set',
      right: 'chart.publish',
      ...chart,
      details: { ...wanted.settings, callback: wanted.callback !== undefined },
    });
    return true;
  });
  // The error shows only the charts of the cycle that the actor may see. Their rights are read on another connection,
  // so after the transaction has ended.
  const isSet = await setting.catch(async (error: unknown) => {
    throw error instanceof ClosedCycle ? await createFollowCycleError(actor, error.chain) : error;
  });
  if (!isSet) throw await createFollowMissingError(registry, chart);
}

async function readNewestVersion(registry: RegistryDeps, { space, chart }: NamedChart): Promise<string> {
  const [newest] = await registry.db.query<{ version: string }>(
    `SELECT version FROM versions WHERE id = (
       SELECT ${newestVersionSql('c.id')} FROM charts c WHERE c.id = ${chartIdSql('$1', '$2')})`,
    [space, chart],
  );
  if (!newest) throw await createFollowMissingError(registry, { space, chart });
  return newest.version;
}

/** Whether the newest version of a chart was composed with a root source. */
async function hasRootSource(registry: RegistryDeps, { space, chart }: NamedChart): Promise<boolean> {
  const rows = await registry.db.query(
    `SELECT FROM lineage WHERE sources @> $3 AND version_id = (
       SELECT ${newestVersionSql('c.id')} FROM charts c WHERE c.id = ${chartIdSql('$1', '$2')})`,
    [space, chart, JSON.stringify([{ pointer: rootSourcePointer }])],
  );
  return rows.length > 0;
}

interface UpsertedFollow {
  settings: FollowSettings;
  author: Author | undefined;
  callback: SealedCallback | undefined;
  /** Id that the secret is sealed for. */
  row: string;
}

/** Inserts or overwrites a follow; the callback of the same principal stays where none is given. */
async function upsert(
  tx: Transaction,
  { space, chart }: NamedChart,
  { settings, author, callback, row }: UpsertedFollow,
): Promise<string | undefined> {
  const [kept] = await tx.query<{ url: string | null; secret: string | null; row: string | null }>(
    `SELECT callback_url AS url, callback_secret AS secret, callback_row AS row FROM follows
      WHERE chart_id = ${chartIdSql('$1', '$2')} AND principal_id IS NOT DISTINCT FROM $3::uuid FOR UPDATE`,
    [space, chart, author?.id ?? null],
  );
  const { url, secret, sealedFor } = callback
    ? { url: callback.url, secret: callback.sealedSecret ?? null, sealedFor: row }
    : { url: kept?.url ?? null, secret: kept?.secret ?? null, sealedFor: kept?.row ?? null };
  const [set] = await tx.query<{ id: string }>(
    `INSERT INTO follows (chart_id, settings, principal_id, principal, token_id, proof, proof_set_at, callback_url, callback_secret,
                          callback_row, due_since, due_at, wave_at, look_at)
     SELECT id, $3, $4, $5, $6, $7, now(), $8, $9, $10, now(), now(), now(), now() FROM charts WHERE id = ${chartIdSql('$1', '$2')}
     ON CONFLICT (chart_id) DO UPDATE SET ${overwriteFollowSql}
     RETURNING id`,
    [
      ...[space, chart, JSON.stringify(settings), author?.id ?? null, author?.name ?? null],
      ...[author?.tokenId ?? null, author?.proof ?? null, url, secret, sealedFor],
    ],
  );
  return set?.id;
}

/**
 * Ends the follow of a chart, and its history. A job that was accepted goes on.
 * @throws {RegistryError} `follow.notFound`; `chart.notFound`, `space.notFound`
 */
export async function endFollow(registry: RegistryDeps, chart: NamedChart): Promise<void> {
  const { db, actor } = registry;
  checkSpaceName(chart.space);
  checkChartName(chart.chart);
  const ended = await db.transaction(async (tx) => {
    await actor.confirm(tx, 'chart.publish', chart);
    const gone = await tx.query(
      `DELETE FROM follows WHERE chart_id = ${chartIdSql('$1', '$2')} RETURNING id`,
      [chart.space, chart.chart],
    );
    if (gone.length === 0) return false;
    await recordAudit(tx, actor, { action: 'follow.end', right: 'chart.publish', ...chart });
    return true;
  });
  if (!ended) throw await createFollowMissingError(registry, chart);
}
