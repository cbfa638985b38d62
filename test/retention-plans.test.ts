import { describe, expect, it } from 'vitest';
import { systemActor } from '../core/access/actor.ts';
import { fullReadScope } from '../core/access/decide.ts';
import type { Database } from '../core/db/port.ts';
import { listDeleted } from '../core/deletions/list-deleted.ts';
import { purgeDeleted } from '../core/deletions/purge-deleted.ts';
import { listDeletedBlobs } from '../core/maintenance/deleted-references.ts';
import { expireOci } from '../core/oci/expire.ts';
import { dropStalePulls, recordPulls } from '../core/pulls/record-pulls.ts';
import { claimRetentionRun } from '../core/retention/claim-run.ts';
import { previewRetention } from '../core/retention/preview.ts';
import { listRuns, openDueRuns } from '../core/retention/runs.ts';
import { setRetention } from '../core/retention/settings.ts';
import { fillComposed } from './support/composed-rows.ts';
import { fillDetails } from './support/detail-rows.ts';
import { usePlanDatabase } from './support/plan-database.ts';
import { findMostRows, listNodes, listScans } from './support/query-plans.ts';
import { fillRetention } from './support/retention-rows.ts';

const never = new AbortController().signal;

describe('retention, in a registry of 100,000 versions, 50,000 jobs and 30,000 uses of sources', () => {
  const { database, db, ...recorder } = usePlanDatabase(async () => {
    await fillDetails(database, { space: 'lib', charts: 8_000, versions: 10 });
    await fillComposed(database, {
      space: 'base',
      sources: 500,
      versions: 20,
      teams: 2,
      composed: 10_000,
    });
    await database.query(
      `WITH job AS (
         INSERT INTO jobs (id, state, space, chart, version, recipe, plan, finished_at, requeue_at)
         SELECT gen_random_uuid(), CASE WHEN n % 1000 = 0 THEN 'queued' ELSE 'succeeded' END::job_state, 'team-00', 'app-' || n,
                '1.0.0', '{}', '{}', CASE WHEN n % 1000 <> 0 THEN now() END, CASE WHEN n % 1000 = 0 THEN now() END
           FROM generate_series(1, 50000) n RETURNING id)
       INSERT INTO job_sources (job_id, space, chart, version, digest) SELECT id, 'base', 'base-1', '1.1.0', 'sha256:x' FROM job`,
    );
    await database.query(
      'INSERT INTO version_pulls (version_id, pulled_on) SELECT id, now()::date FROM versions WHERE id % 2 = 0',
    );
    await database.query(
      `INSERT INTO deleted_versions (space_id, chart, version, sort_key, digest, size, metadata, entry, created_at, updated_at, deleted_at, blobs)
       SELECT s.id, 'chart-' || n % 100, '1.' || n || '.0', 'x', 'sha256:y', 1, '{}', '{}', now(), now(),
              now() - n * interval '1 second', ARRAY['sha256:x', 'sha256:' || encode(sha256(n::text::bytea), 'hex')]
         FROM spaces s, generate_series(1, 20000) n WHERE s.name = 'lib'`,
    );
    // Configurations of their manifests.
    await database.query(
      `WITH repository AS (
         INSERT INTO oci_repositories (space_id, name) SELECT id, 'web' FROM spaces WHERE name = 'lib' RETURNING id)
       INSERT INTO oci_blobs (repository_id, digest, content, size, named, idle_since)
       SELECT id, 'sha256:' || encode(sha256(n::text::bytea), 'hex'), '', 0, true, now() - interval '1 day'
         FROM repository, generate_series(1, 1000) n`,
    );
    await database.query(
      `INSERT INTO retention_runs (space_id, state, opened_by, rules, most_deleted, rules_at, finished_at)
       SELECT s.id, 'succeeded', 'schedule', '[]', 1, now(), now() FROM spaces s, generate_series(1, 100)`,
    );
    await fillRetention(
      database,
      'long',
      Array.from({ length: 5_000 }, (_, minor) => ({
        ...{ chart: 'long', version: `1.${minor}.0`, storedAgo: 400, pulledAgo: null, isNeeded: false },
      })),
    );
    for (const space of ['lib', 'base', 'long']) {
      const rules = [{ charts: ['*'], keep: { last: 3 } }];
      await setRetention(deps(database), space, { rules, mostDeleted: 1_000, scheduled: true });
    }
    await database.query('VACUUM ANALYZE');
  });

  const deps = (on: Database) => ({ db: on, actor: systemActor, intervalSeconds: 3_600 });
  /** Tables that have many rows here. */
  const large = ['versions', 'lineage_sources', 'jobs', 'job_sources', 'version_pulls', 'deleted_versions'];

  it.each(['lib', 'base'])('a page of the preview of %s reads its charts alone', async (space) => {
    const plans = await recorder.explain(async () => {
      const page = await previewRetention(deps(db), space, { after: undefined, limit: 100 });
      expect(page.items).toHaveLength(100);
    });
    expect(listScans(large, plans)).toEqual([]);
    expect(findMostRows(plans)).toBeLessThanOrEqual(101);
  });

  it.each([
    ['its versions', undefined, 101],
    ['a bounded number of versions, where it lists some alone', 'delete', 1_000],
  ] as const)(
    'a page in a chart of 5,000 versions reads %s, and the index above it',
    async (_, action, bound) => {
      const after = { chart: 'long', version: '1.2500.0' };
      const plans = await recorder.explain(async () => {
        const page = await previewRetention(deps(db), 'long', { chart: 'long', action, after, limit: 100 });
        expect(page.items.map(({ version }) => version).slice(0, 2)).toEqual(['1.2499.0', '1.2498.0']);
        expect(page.items[0]?.message).toContain('it is release number 2501 from the top');
        expect(page.items).toHaveLength(100);
        expect(page.next).toEqual({ chart: 'long', version: '1.2400.0' });
      });
      expect(listScans(large, plans)).toEqual([]);
      const [index, ...others] = plans
        .flatMap(listNodes)
        .filter((node) => node['Actual Rows'] > bound)
        .map((node) => node['Node Type']);
      expect([index, others]).toEqual(['Index Only Scan', []]);
    },
  );

  it('a page of one chart in the middle reads that chart alone', async () => {
    const plans = await recorder.explain(() =>
      previewRetention(deps(db), 'lib', { chart: 'chart-04000', after: undefined, limit: 100 }),
    );
    expect(listScans(large, plans)).toEqual([]);
    expect(findMostRows(plans)).toBeLessThanOrEqual(60);
  });

  it('workers look for runs, and pages of runs are read, without the ended ones of other spaces', async () => {
    const plans = await recorder.explain(async () => {
      await openDueRuns(db, 3_600);
      await claimRetentionRun(db);
      await listRuns(deps(db), 'lib', { start: 0, limit: 10 });
    });
    expect(findMostRows(plans)).toBeLessThanOrEqual(101);
  });

  it('pages of deleted versions are read without those behind them, and the purge in the order of their age', async () => {
    for (const chart of [undefined, 'chart-7']) {
      const plans = await recorder.explain(async () => {
        const options = { start: 20, limit: 10, restoreSeconds: 1_000_000, chart };
        const { items } = await listDeleted({ db, suggestible: fullReadScope }, 'lib', options);
        expect(items).toHaveLength(10);
      });
      expect(listScans(large, plans)).toEqual([]);
      // The total is counted that far.
      expect(findMostRows(plans)).toBeLessThanOrEqual(chart === undefined ? 10_000 : 200);
    }
    const purge = await recorder.explain(() => purgeDeleted(db, 19_990, never));
    expect(listScans(large, purge)).toEqual([]);
    expect(findMostRows(purge)).toBeLessThanOrEqual(1_000);
  });

  it('archives that deleted versions alone have are listed page by page, without a look at all rows', async () => {
    await database.query("INSERT INTO garbage (digest) VALUES ('sha256:y')");
    const plans = await recorder.explain(async () => {
      const page = await listDeletedBlobs(db, 100, 1_000_000).next();
      expect(page.value).toMatchObject([{ digest: 'sha256:y', deletions: 100 }]);
    });
    expect(listScans(large, plans)).toEqual([]);
    expect(findMostRows(plans)).toBeLessThanOrEqual(1_000);
  });

  it('the configurations that deleted versions keep are looked up one by one', async () => {
    const kept: Database = {
      ...db,
      transaction: (work) => work({ query: db.query, atCommit: () => undefined }),
    };
    const times = { expirySeconds: 3_600, graceSeconds: 3_600, restoreSeconds: 604_800 };
    const plans = await recorder.explain(async () => {
      expect(await expireOci(kept, times)).toMatchObject({ blobs: 0 });
    });
    expect(listScans(large, plans)).toEqual([]);
  });

  it('downloads are recorded, and old ones dropped, by the rows of the batch', async () => {
    const pulled = await database.query<{ space: string; name: string; digest: string }>(
      `SELECT 'lib' AS space, c.name, v.digest FROM charts c JOIN versions v ON v.chart_id = c.id
        WHERE c.name LIKE 'chart-00%' LIMIT 500`,
    );
    const plans = await recorder.explain(() =>
      recordPulls(
        db,
        pulled.map((pull) => ({ ...pull, day: '2100-01-01' })),
      ),
    );
    expect(listScans(large, plans)).toEqual([]);
    expect(findMostRows(plans)).toBeLessThanOrEqual(1_000);
    const drops = await recorder.explain(() => dropStalePulls(db, never));
    expect(findMostRows(drops)).toBeLessThanOrEqual(5_000);
  });
});
