import { describe, expect, it } from 'vitest';
import { fullReadScope } from '../core/access/decide.ts';
import { countWaitingGarbage, listDueGarbage } from '../core/maintenance/garbage.ts';
import { listKeptBlobs } from '../core/maintenance/references.ts';
import { listDeeperOciRepositories } from '../core/oci/list-deeper.ts';
import { listLatestMetadata, listSpaceMetadata } from '../core/registry/documents.ts';
import { usePlanDatabase } from './support/plan-database.ts';
import { findMostRows } from './support/query-plans.ts';

const charts = 5_000;
const versionsPerChart = 4;

describe('queries of a page, in a registry of 20,000 versions', () => {
  const { database, db, explain } = usePlanDatabase(async (empty) => {
    await empty.query(
      `WITH space AS (
         INSERT INTO spaces (name, chart_count, version_count) VALUES ('lib', $1::int, $1::int * $2::int) RETURNING id
       ), chart AS (
         INSERT INTO charts (space_id, name, version_count)
         SELECT id, 'chart-' || lpad(n::text, 5, '0'), $2::int FROM space, generate_series(1, $1::int) n RETURNING id, name
       )
       INSERT INTO versions (chart_id, version, sort_key, digest, size, provenance, provenance_size, metadata, entry)
       SELECT id, n::text, n::text, 'sha256:' || encode(sha256((name || n)::bytea), 'hex'), 1,
              'sha256:' || encode(sha256((name || n || 'p')::bytea), 'hex'), 2, jsonb_build_object('name', name, 'n', n), '{}'
         FROM chart, generate_series(1, $2::int) n`,
      [charts, versionsPerChart],
    );
    await database.query(
      `WITH repository AS (
         INSERT INTO oci_repositories (space_id, name)
         SELECT s.id, p.prefix || lpad(n::text, 5, '0')
           FROM spaces s, (VALUES ('chart-'), ('team/app-')) p (prefix), generate_series(1, 5000) n RETURNING id
       ), manifest AS (
         INSERT INTO oci_manifests (repository_id, digest, media_type, content)
         SELECT id, 'sha256:' || encode(sha256(id::text::bytea), 'hex'), 'x', '' FROM repository RETURNING id, repository_id
       )
       INSERT INTO oci_tags (repository_id, name, manifest_id)
       SELECT repository_id, '1.' || n || '.0', id FROM manifest, generate_series(1, 3) n`,
    );
    // As after the deletion of a space.
    await empty.query(
      `INSERT INTO garbage (digest) SELECT 'sha256:' || encode(sha256(n::text::bytea), 'hex') FROM generate_series(1, 1000) n`,
    );
    await empty.query('VACUUM ANALYZE');
  });

  /** Runs a read, and finds the most rows that any step of its queries examined. */
  async function mostRows(read: () => Promise<unknown>): Promise<number> {
    return findMostRows(await explain(read));
  }

  it('a page of metadata is read without the charts behind it', async () => {
    const page = await listSpaceMetadata({ db, suggestible: fullReadScope }, 'lib', { start: 6, limit: 10 });
    expect(page.total).toBe(charts * versionsPerChart);
    expect(page.items.map((text) => Object.values(JSON.parse(text)).sort())).toEqual(
      Array.from({ length: 10 }, (_, index) => [
        1 + ((index + 6) % 4),
        `chart-0000${1 + Math.floor((index + 6) / 4)}`,
      ]),
    );
    expect(
      await mostRows(() =>
        listSpaceMetadata({ db, suggestible: fullReadScope }, 'lib', { start: 6, limit: 10 }),
      ),
    ).toBeLessThan(50);
    expect(
      await mostRows(() =>
        listLatestMetadata({ db, suggestible: fullReadScope }, 'lib', { start: 6, limit: 10 }),
      ),
    ).toBeLessThan(50);
  });

  it('the last page of metadata ends with the last version', async () => {
    const total = charts * versionsPerChart;
    const { items } = await listSpaceMetadata({ db, suggestible: fullReadScope }, 'lib', {
      start: total - 3,
      limit: 10,
    });
    expect(items.map((text) => JSON.parse(text).n)).toEqual([2, 3, 4]);
    expect(
      (await listSpaceMetadata({ db, suggestible: fullReadScope }, 'lib', { start: total, limit: 10 })).items,
    ).toEqual([]);
  });

  it('a page of deeper repositories is read without the others', async () => {
    const page = { after: 'team/app-02500', limit: 10 };
    const { items, next } = await listDeeperOciRepositories({ db, suggestible: fullReadScope }, 'lib', page);
    expect(items[0]).toMatchObject({ name: 'team/app-02501', tags: ['1.3.0', '1.2.0', '1.1.0'] });
    expect(next).toBe('team/app-02510');
    expect(
      await mostRows(() => listDeeperOciRepositories({ db, suggestible: fullReadScope }, 'lib', page)),
    ).toBeLessThan(50);
  });

  it('waiting garbage is counted without the versions that are there', async () => {
    expect(await countWaitingGarbage(db)).toBe(1_000);
    expect(await mostRows(() => countWaitingGarbage(db))).toBeLessThanOrEqual(1_000);
    expect(await mostRows(() => listDueGarbage(db, 'now', 604_800, 100).next())).toBeLessThanOrEqual(1_000);
  });

  it('verification reads a page of blobs without those behind it', async () => {
    expect((await listKeptBlobs(db, 100).next()).value).toHaveLength(100);
    expect(await mostRows(() => listKeptBlobs(db, 100).next())).toBeLessThanOrEqual(200);
  });

  it('verification lists every blob once, with its references', async () => {
    const [shared] = await database.query<{ digest: string }>(
      'SELECT digest FROM versions ORDER BY digest LIMIT 1',
    );
    await database.query(`UPDATE versions SET provenance = $1, provenance_size = 3 WHERE version = '1'`, [
      shared?.digest,
    ]);
    const digests: string[] = [];
    for await (const page of listKeptBlobs(db, 1_000)) {
      digests.push(...page.map(({ digest }) => digest));
      const found = page.find(({ digest }) => digest === shared?.digest);
      if (found) expect(found).toMatchObject({ rows: charts + 1, versions: 1, size: undefined });
    }
    expect(digests).toEqual([...new Set(digests)].sort());
    expect(digests).toHaveLength(charts * versionsPerChart + charts * (versionsPerChart - 1));
  });
});
