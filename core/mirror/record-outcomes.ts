import type { Queryable } from '../db/port.ts';
import type { ClaimedMirrorRun } from './claim-run.ts';
import { givenOutcomesSql, insertResultsSql } from './results-sql.ts';
import type { MirrorFault, MirrorOutcome } from './settings.ts';

/** Outcome of a version, to be recorded. */
export interface VersionOutcome {
  chart: string;
  version: string;
  outcome: MirrorOutcome;
  /** Whether the mirror has stored what is here now. */
  copied?: true;
  /** Digest that the upstream says, where another one is stored. */
  upstream?: string;
  /** Digest of the manifest that was taken or skipped; the former one stays where it is absent. */
  manifest?: string;
  fault?: MirrorFault;
}

/** Thrown when a run was cancelled, or its mirror has gone: what it does from then on is rolled back. */
export class RunEndedError extends Error {
  override name = 'RunEnded';
}

/**
 * Records outcomes of a run, as last ones of versions and as its results.
 * @throws {RunEndedError} when the run is over, so that the transaction writes nothing
 */
export async function recordOutcomes(
  db: Queryable,
  { id, number, mirrorId, holder }: ClaimedMirrorRun,
  outcomes: readonly VersionOutcome[],
): Promise<void> {
  const [recorded] = await db.query<{ open: boolean }>(
    `WITH ${givenOutcomesSql}, written AS (
       INSERT INTO mirror_versions AS v (mirror_id, chart, version, outcome, copied, upstream, manifest, error, run)
       SELECT $5, o.chart, o.version, o.outcome, coalesce(o.copied, false), o.upstream, o.manifest, o.fault, $3 FROM outcome o, open ORDER BY o.chart, o.version
       ON CONFLICT (mirror_id, chart, version) DO UPDATE
          SET outcome = excluded.outcome, copied = v.copied OR excluded.copied, upstream = excluded.upstream,
              manifest = coalesce(excluded.manifest, v.manifest),
              referrers_at = CASE WHEN excluded.manifest IS NULL OR excluded.manifest = v.manifest THEN v.referrers_at END,
              error = excluded.error, run = excluded.run, at = now()
     ), ${insertResultsSql}
     SELECT EXISTS (SELECT FROM open) AS open`,
    [id, holder, number, JSON.stringify(outcomes), mirrorId],
  );
  if (!recorded?.open) throw new RunEndedError();
}

/** Outcome of a version as it is recorded. */
export interface KnownOutcome {
  outcome: MirrorOutcome;
  copied: boolean;
  upstream: string | null;
  /** Digest of the manifest that was taken or skipped, of an OCI registry. */
  manifest: string | null;
  /** Whether the upstream was asked within a day for what refers to the manifest, and since the mirror was set. */
  hasReferrers: boolean;
}

/** Reads the outcomes of all versions of a mirror, by `CHART VERSION`. */
export async function readOutcomes(db: Queryable, mirrorId: string): Promise<Map<string, KnownOutcome>> {
  const rows = await db.query<KnownOutcome & { chart: string; version: string }>(
    `SELECT v.chart, v.version, v.outcome, v.copied, v.upstream, v.manifest,
            coalesce(v.referrers_at > greatest(m.changed_at, now() - interval '1 day'), false) AS "hasReferrers"
       FROM mirror_versions v JOIN mirrors m ON m.id = v.mirror_id WHERE v.mirror_id = $1`,
    [mirrorId],
  );
  return new Map(rows.map(({ chart, version, ...known }) => [versionKeyOf({ chart, version }), known]));
}

/** Reads the names of the charts of a mirror. Left out are those whose versions were all pruned. */
export async function readMirroredCharts(db: Queryable, mirrorId: string): Promise<string[]> {
  const rows = await db.query<{ chart: string }>(
    "SELECT DISTINCT chart FROM mirror_versions WHERE mirror_id = $1 AND outcome <> 'pruned'",
    [mirrorId],
  );
  return rows.map(({ chart }) => chart);
}

/**
 * Records that all referrers of a version's manifest are here. Referrers are not asked for again within a day.
 * @param fault why some of it was left out
 */
export async function recordReferrersCopied(
  db: Queryable,
  { id, mirrorId, holder }: ClaimedMirrorRun,
  { chart, version }: { chart: string; version: string },
  fault: MirrorFault | undefined,
): Promise<void> {
  await db.query(
    `UPDATE mirror_versions SET referrers_at = now(),
            error = coalesce($5::jsonb, CASE WHEN error ->> 'code' LIKE 'provenance.%' THEN error END)
      WHERE mirror_id = $1 AND chart = $2 AND version = $3
        AND EXISTS (SELECT FROM mirror_runs WHERE id = $4 AND holder = $6 AND state = 'running')`,
    [mirrorId, chart, version, id, fault ? JSON.stringify(fault) : null, holder],
  );
}

/** Reads the digests of all versions of a space, by `CHART VERSION`. */
export async function readVersionDigests(db: Queryable, space: string): Promise<Map<string, string>> {
  const rows = await db.query<{ chart: string; version: string; digest: string }>(
    `SELECT c.name AS chart, v.version, v.digest FROM charts c JOIN versions v ON v.chart_id = c.id
      WHERE c.space_id = (SELECT id FROM spaces WHERE name = $1)`,
    [space],
  );
  return new Map(rows.map(({ chart, version, digest }) => [versionKeyOf({ chart, version }), digest]));
}

/** Makes the key of a version; neither name has a space in it. */
export function versionKeyOf({ chart, version }: { chart: string; version: string }): string {
  return `${chart} ${version}`;
}
