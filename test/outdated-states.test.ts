import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Digest } from '../core/blobs/port.ts';
import { migrate } from '../core/db/migrate.ts';
import { readMigrations } from '../core/db/migration-files.ts';
import type { Database } from '../core/db/port.ts';
import { consumeEvents } from '../core/events/consume-events.ts';
import { markStates } from '../core/outdated/mark-states.ts';
import { updateKeptStates } from '../core/outdated/update-kept-states.ts';
import type { ResolvedSource } from '../core/recipe/sources.ts';
import { isInRange } from '../core/semver/constraint.ts';
import { parseVersion, sortKey } from '../core/semver/version.ts';
import { composedStateOf } from './support/answers.ts';
import { type EmbeddedRegistry, startEmbedded } from './support/embedded.ts';
import { createTestDatabase } from './support/postgres.ts';

let registry: EmbeddedRegistry;
beforeAll(async () => {
  // Without a worker states are kept when a test says so.
  registry = await startEmbedded({}, { worker: false });
});
afterAll(() => registry.close());

const take = (db: Database) => consumeEvents(db, [markStates], (_, error) => expect.fail(String(error)));

/** Stored version as the independent computation reads it. */
interface Stored {
  id: number;
  space: string;
  chart: string;
  version: string;
  digest: Digest;
  deprecated: boolean;
  sources: ResolvedSource[] | null;
}

function selectAll(): Promise<Stored[]> {
  return registry.db.query<Stored>(
    `SELECT v.id, s.name AS space, c.name AS chart, v.version, v.digest, l.sources,
            coalesce(v.metadata ->> 'deprecated', '') = 'true' AS deprecated
       FROM versions v JOIN charts c ON c.id = v.chart_id JOIN spaces s ON s.id = c.space_id
            LEFT JOIN lineage l ON l.version_id = v.id`,
  );
}

const unknownDigest: Digest = `sha256:${'0'.repeat(64)}`;

const keyOf = (version: string) => {
  const parsed = parseVersion(version);
  return `${parsed ? sortKey(parsed) : ''} ${version}`;
};
const highestOf = <T extends { version: string }>(versions: readonly T[]) =>
  [...versions].sort((a, b) => (keyOf(a.version) < keyOf(b.version) ? -1 : 1)).at(-1);

/** Computes by trying every stored version what a source means now, and the steps above it. */
function compareSource({ space, chart, requested, version, digest }: ResolvedSource, all: readonly Stored[]) {
  const own = all.filter((stored) => stored.space === space && stored.chart === chart);
  const matches = (stored: Stored) => {
    if (requested === 'latest') return true;
    return parseVersion(requested) ? stored.version === requested : isInRange(requested, stored.version);
  };
  const now = highestOf(own.filter(matches));
  const base = parseVersion(now?.version ?? version);
  const stepTo = (stored: Stored) => {
    const found = parseVersion(stored.version);
    if (!base || !found || sortKey(found) <= sortKey(base)) return undefined;
    if (found.major !== base.major) return 'major';
    return found.minor === base.minor ? 'patch' : 'minor';
  };
  const newer = ['major', 'minor', 'patch'].find((step) => {
    const releases = own.filter((stored) => stepTo(stored) === step && !stored.version.includes('-'));
    return highestOf(releases)?.deprecated === false;
  });
  return { now, outdated: now?.version !== version || now.digest !== digest, newer: newer ?? 'none' };
}

function computeStates(all: readonly Stored[]) {
  return all.flatMap(({ space, chart, version, sources }) => {
    if (!sources) return [];
    const compared = sources.map((source) => ({ source, ...compareSource(source, all) }));
    const spacesOf = (chosen: typeof compared) =>
      [...new Set(chosen.map((item) => item.source.space))].sort();
    const siblings = all.filter((other) => other.space === space && other.chart === chart && other.sources);
    return {
      name: `${space}/${chart}/${version}`,
      highest: highestOf(siblings)?.version === version,
      outdated: spacesOf(compared.filter(({ outdated }) => outdated)),
      newer: spacesOf(compared.filter((item) => item.newer !== 'none')),
      step:
        ['major', 'minor', 'patch'].find((step) => compared.some((item) => item.newer === step)) ?? 'none',
    };
  });
}

const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);

async function expectKept(): Promise<void> {
  await take(registry.db);
  await updateKeptStates(registry.db);
  const kept = await registry.db.query<{ name: string }>(
    `SELECT space || '/' || chart || '/' || version AS name, highest, outdated_in AS outdated, newer_in AS newer
       FROM composed_states`,
  );
  const computed = computeStates(await selectAll()).sort(byName);
  expect([...kept].sort(byName)).toEqual(computed.map(({ step: _, ...state }) => state));
  for (const { name, outdated, step } of computed) {
    const [space, chart, version] = name.split('/');
    const shown = await composedStateOf(
      await registry.api(`/spaces/${space}/charts/${chart}/versions/${version}/outdated`),
    );
    expect(shown, name).toMatchObject({ outdated: outdated.length > 0, newer: step });
  }
}

/** Names of a version. */
type Named = Pick<Stored, 'space' | 'chart' | 'version'>;

/** Change of the registry, drawn at random. */
type Change =
  | { kind: 'publish'; space: string; chart: string; version: string; deprecated: boolean; replaces: boolean }
  | { kind: 'compose'; space: string; chart: string; version: string; sources: [string, string, string][] }
  | { kind: 'delete'; path: string }
  | { kind: 'keep' };

const spaces = fc.constantFrom('lib', 'team');
const charts = fc.constantFrom('a', 'b');
const versions = fc.constantFrom('1.0.0', '1.0.1', '1.1.0', '2.0.0-rc.1', '2.0.0', '2.0.0+b', '0.9.0');
const requests = fc.constantFrom('^1', '~1.0.0', 'latest', '1.0.0', '*', '>=1-0', '2.0.0', '1 || 0.9');
const changes: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('publish' as const),
      space: spaces,
      chart: fc.oneof(charts, fc.constant('shop')),
      version: versions,
      deprecated: fc.nat(4).map((n) => n === 0),
      replaces: fc.boolean(),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('compose' as const),
      space: spaces,
      chart: fc.constantFrom('shop', 'mall', 'a'),
      version: fc.constantFrom('1.0.0', '1.1.0', '1.2.0'),
      sources: fc.array(fc.tuple(spaces, fc.oneof(charts, fc.constant('shop')), requests), {
        minLength: 1,
        maxLength: 3,
      }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc
      .oneof(
        fc
          .tuple(spaces, fc.constantFrom('a', 'b', 'shop'), versions)
          .map((p) => `${p[0]}/charts/${p[1]}/versions/${p[2]}`),
        fc.tuple(spaces, fc.constantFrom('a', 'b', 'shop')).map((p) => `${p[0]}/charts/${p[1]}`),
        fc.constant('team'),
      )
      .map((path) => ({ kind: 'delete' as const, path })),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'keep' as const }) },
);

const publishSql = `
  WITH space AS (
    INSERT INTO spaces (name) VALUES ($1) ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id
  ), chart AS (
    INSERT INTO charts (space_id, name) SELECT id, $2 FROM space
    ON CONFLICT (space_id, name) DO UPDATE SET name = excluded.name RETURNING id
  )
  INSERT INTO versions (chart_id, version, sort_key, digest, size, metadata, entry)
  SELECT id, $3, $4, 'sha256:' || encode(sha256($5::bytea), 'hex'), 1, $6, '{}' FROM chart
  ON CONFLICT (chart_id, version) DO UPDATE SET digest = excluded.digest, metadata = excluded.metadata
  RETURNING id`;

/** Writes the rows of a publication or of its replacement; a lineage ends with its archive. */
async function publish({ space, chart, version }: Named, content: string, metadata = {}): Promise<number> {
  return registry.db.transaction(async (tx) => {
    const [row] = await tx.query<{ id: number }>(publishSql, [
      space,
      chart,
      version,
      keyOf(version).split(' ')[0],
      content,
      JSON.stringify(metadata),
    ]);
    await tx.query('DELETE FROM lineage WHERE version_id = $1', [row?.id]);
    return row?.id ?? 0;
  });
}

/** Writes the rows of a composition, if its sources are there. */
async function compose(named: Named, requested: readonly [string, string, string][], content: string) {
  const all = await selectAll();
  const sources = requested.flatMap(([space, chart, request], index) => {
    const { now } = compareSource(
      { space, chart, requested: request, version: '', digest: unknownDigest, pointer: '' },
      all,
    );
    return now
      ? [{ pointer: `/${index}`, space, chart, requested: request, version: now.version, digest: now.digest }]
      : [];
  });
  if (sources.length < requested.length) return;
  const id = await publish(named, content);
  await registry.db.query(
    `WITH composed AS (
       INSERT INTO lineage (version_id, job_id, digest, recipe, plan, sources)
       SELECT id, gen_random_uuid(), digest, '{}', '{}', $2 FROM versions WHERE id = $1 RETURNING version_id
     )
     INSERT INTO lineage_sources (space, chart, version, version_id, digest)
     SELECT DISTINCT ON (space, chart, version) space, chart, version, version_id, digest
       FROM composed, jsonb_to_recordset($2::jsonb) AS s (space text, chart text, version text, digest text)`,
    [id, JSON.stringify(sources)],
  );
}

async function apply(change: Change, number: number): Promise<void> {
  if (change.kind === 'keep') {
    await take(registry.db);
    await updateKeptStates(registry.db);
  } else if (change.kind === 'delete') {
    await registry.api(`/spaces/${change.path}`, { method: 'DELETE' });
  } else if (change.kind === 'publish') {
    await publish(change, change.replaces ? `${number}` : change.version, { deprecated: change.deprecated });
  } else {
    await compose(change, change.sources, `${number}`);
  }
}

describe('kept states of composed versions', () => {
  it('kept states of composed versions are those that are computed anew, after any changes', {
    timeout: 120_000,
  }, async () => {
    let composed = 0;
    await fc.assert(
      fc
        .asyncProperty(fc.array(changes, { minLength: 10, maxLength: 40 }), async (sequence) => {
          for (const space of ['lib', 'team'])
            for (const chart of ['a', 'b']) await publish({ space, chart, version: '1.0.1' }, chart);
          for (const [number, change] of sequence.entries()) await apply(change, number);
          await expectKept();
          composed += (await registry.db.query('SELECT FROM composed_states')).length;
        })
        .afterEach(async () => {
          for (const space of ['lib', 'team']) await registry.api(`/spaces/${space}`, { method: 'DELETE' });
          await expectKept();
          expect(await registry.db.query('SELECT FROM composed_states')).toEqual([]);
        }),
      { numRuns: 25 },
    );
    // Otherwise the sequences above would prove nothing.
    expect(composed).toBeGreaterThan(5);
  });

  it('kept states of composed versions are made for versions that were composed before there were any', async () => {
    const { url, db, drop } = await createTestDatabase('template0');
    onTestFinished(drop);
    const migrations = await readMigrations();
    await migrate({ url, migrations: migrations.filter(({ name }) => name < '0027') });
    await db.query(
      `WITH space AS (INSERT INTO spaces (name) VALUES ('old') RETURNING id),
            chart AS (INSERT INTO charts (space_id, name) SELECT id, 'shop' FROM space RETURNING id),
            version AS (
              INSERT INTO versions (chart_id, version, sort_key, digest, size, metadata, entry)
              SELECT id, '1.0.0', '011.010.010~', $1, 1, '{}', '{}' FROM chart RETURNING id
            )
       INSERT INTO lineage (version_id, job_id, digest, recipe, plan, sources)
       SELECT id, gen_random_uuid(), $1, '{}', '{}', $2 FROM version`,
      [
        unknownDigest,
        JSON.stringify([
          {
            pointer: '',
            space: 'old',
            chart: 'web',
            requested: '^1',
            version: '1.0.0',
            digest: unknownDigest,
          },
        ]),
      ],
    );
    await migrate({ url, migrations });
    // Marks of a batch and one more, the last of the oldest id. What the upgrade has marked waits behind them.
    await db.query('INSERT INTO state_work (version_id) SELECT 2000 - n FROM generate_series(0, 200) n');
    const stop = new AbortController();
    const stopping: Database = {
      ...db,
      transaction: (work) => {
        stop.abort();
        return db.transaction(work);
      },
    };
    expect(await updateKeptStates(stopping, stop.signal)).toBe(200);
    const left = await db.query('SELECT version_id AS id FROM state_work ORDER BY number');
    const [shop] = await db.query('SELECT id FROM versions');
    expect(left).toEqual([{ id: 1_800 }, shop]);
    expect(await updateKeptStates(db)).toBe(2);
    expect(await db.query('SELECT space, chart, version, highest, state FROM composed_states')).toEqual([
      { space: 'old', chart: 'shop', version: '1.0.0', highest: true, state: 'outdated' },
    ]);
  });
});
