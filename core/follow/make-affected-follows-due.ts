import type { Transaction } from '../db/port.ts';
import { type FollowSettings, readWait } from '../recipe/follow-settings.ts';
import { allowsVersion, isCountedStep } from './steps.ts';
import { isStoppedSql } from './stopped.ts';

/** Change of a version that may be a source. */
export interface SourceChange {
  kind: 'published' | 'replaced' | 'deleted';
  space: string;
  chart: string;
  version: string;
  /** Time of the wave: that of the change itself, or of the one that caused it by way of other follows. */
  waveAt: Date;
}

/** Followed chart with a source that has changed. */
interface AffectedFollow {
  id: string;
  settings: FollowSettings;
  requested: string;
  version: string;
  hasFailed: boolean;
  /** Index of the change, from 1 on. */
  place: number;
}

/** Rows of one statement. */
const pageSize = 1_000;

/**
 * Makes follows due whose charts would be composed of changed versions.
 * A follow that is due already stays due as it is, so that all that comes within its `wait` is composed once.
 */
export async function makeAffectedFollowsDue(
  tx: Transaction,
  changes: readonly SourceChange[],
): Promise<void> {
  let after = { id: '00000000-0000-0000-0000-000000000000', place: 0, requested: '' };
  for (;;) {
    const page = await selectAffectedFollows(tx, changes, after);
    const due = new Map<string, { seconds: number; waveAt: Date }>();
    for (const listener of page) {
      const change = changes[listener.place - 1];
      if (!change || !isReasonToCompose(listener, change)) continue;
      const { id, settings } = listener;
      const waveAt = earlier(due.get(id)?.waveAt, change.waveAt);
      due.set(id, { seconds: readWait(settings.wait) ?? 0, waveAt });
    }
    if (due.size > 0) await makeDue(tx, due);
    const last = page.at(-1);
    if (!last || page.length < pageSize) return;
    after = last;
  }
}

function selectAffectedFollows(
  tx: Transaction,
  changes: readonly SourceChange[],
  after: { id: string; place: number; requested: string },
): Promise<AffectedFollow[]> {
  return tx.query<AffectedFollow>(
    `SELECT f.id, f.settings, fs.requested, fs.version, f.failure IS NOT NULL AS "hasFailed", n.place::int AS place
       FROM unnest((SELECT $1::text[]), (SELECT $2::text[])) WITH ORDINALITY AS n (space, chart, place)
            JOIN follow_sources fs ON fs.space = n.space AND fs.chart = n.chart
            JOIN follows f ON f.id = fs.follow_id
      WHERE NOT ${isStoppedSql('f.failure')}
        AND (f.id, n.place, fs.requested) > ($3::uuid, $4::bigint, $5::text COLLATE "C")
      ORDER BY f.id, n.place, fs.requested LIMIT ${pageSize}`,
    [
      changes.map(({ space }) => space),
      changes.map(({ chart }) => chart),
      after.id,
      after.place,
      after.requested,
    ],
  );
}

/** Whether a change may be a reason to compose; a deletion only where it may take away what has failed. */
function isReasonToCompose(
  { settings, requested, version, hasFailed }: AffectedFollow,
  change: SourceChange,
): boolean {
  if (change.kind === 'deleted') return hasFailed;
  if (!allowsVersion(requested, change.version)) return false;
  if (change.version === version) return change.kind === 'replaced' || hasFailed;
  return isCountedStep(settings, version, change.version);
}

async function makeDue(
  tx: Transaction,
  due: ReadonlyMap<string, { seconds: number; waveAt: Date }>,
): Promise<void> {
  const rows = [...due].map(([id, { seconds, waveAt }]) => ({ id, seconds, wave_at: waveAt }));
  await tx.query(
    `WITH listed AS (
       SELECT * FROM jsonb_to_recordset($1::jsonb) AS d (id uuid, seconds float8, wave_at timestamptz)
     ), locked AS MATERIALIZED (
       SELECT f.id FROM follows f WHERE f.id IN (SELECT id FROM listed) ORDER BY f.id FOR NO KEY UPDATE
     )
     UPDATE follows f SET due_since = coalesce(f.due_since, clock_timestamp()),
            due_at = coalesce(f.due_at, clock_timestamp() + make_interval(secs => d.seconds)),
            look_at = coalesce(f.look_at, clock_timestamp() + make_interval(secs => d.seconds)),
            wave_at = least(f.wave_at, d.wave_at)
       FROM listed d JOIN locked USING (id) WHERE f.id = d.id AND NOT ${isStoppedSql('f.failure')}`,
    [JSON.stringify(rows)],
  );
}

function earlier(one: Date | undefined, other: Date): Date {
  return one && one < other ? one : other;
}
