import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedRegistry, startEmbedded } from './support/embedded.ts';

/** Number of versions, and length of a description as older releases, without a limit for Chart.yaml, stored it. */
const large = { versions: 30, description: 4_800_000 };
const pageBytes = 16 * 1024 * 1024;

let registry: EmbeddedRegistry;
beforeAll(async () => {
  registry = await startEmbedded({}, { worker: false });
  expect((await registry.upload('lib', { name: 'large', version: '1.0.0' })).status).toBe(201);
  expect((await registry.upload('lib', { name: 'small' })).status).toBe(201);
  await registry.db.query(
    `UPDATE versions SET entry = replace(entry, '"apiVersion"', '"description":"' || repeat('a', $1) || '","apiVersion"'),
                         metadata = metadata || jsonb_build_object('description', repeat('a', $1))
      WHERE entry LIKE '%large%'`,
    [large.description],
  );
  await registry.db.query(
    `INSERT INTO versions (chart_id, version, sort_key, digest, size, metadata, entry)
     SELECT chart_id, '2.0.' || n, sort_key || n, digest, size,
            metadata || jsonb_build_object('version', '2.0.' || n), replace(entry, '"1.0.0"', '"2.0.' || n || '"')
       FROM versions, generate_series(1, $1::int) n WHERE entry LIKE '%large%'`,
    [large.versions - 1],
  );
  await registry.db.query(`UPDATE charts SET version_count = $1 WHERE name = 'large'`, [large.versions]);
  await registry.db.query('UPDATE spaces SET version_count = $1, revision = revision + 1', [
    large.versions + 1,
  ]);
});
afterAll(() => registry.close());

/** Reads all pages of a list, following `Link`. */
async function readAll(first: string) {
  const pages: { bytes: number; document: unknown }[] = [];
  for (let path: string | undefined = first; path !== undefined; ) {
    const answer: Response = await registry.request(path);
    expect(answer.status).toBe(200);
    const text = await answer.text();
    pages.push({ bytes: text.length, document: JSON.parse(text) });
    path = /^<(.+)>; rel="next"$/.exec(answer.headers.get('link') ?? '')?.[1];
  }
  return pages;
}

describe('a list of documents that are too large together', () => {
  it.each(['/api/v1/spaces/lib/metadata?limit=1000', '/api/v1/spaces/lib/charts/large/metadata?limit=1000'])(
    'a list of large documents is paged by size, each page with a link to the next: %s',
    async (path) => {
      const pages = await readAll(path);
      for (const { bytes } of pages) expect(bytes).toBeLessThan(pageBytes + 1_000);
      const items = pages.flatMap(({ document }) => Object(document).items);
      const total = Object(pages[0]?.document).metadata.total;
      expect(items).toHaveLength(total);
      expect(new Set(items.map(({ name, version }) => `${name} ${version}`)).size).toBe(total);
      expect(Object(pages[0]?.document).metadata.itemsLength).toBe(3);
    },
  );

  it('a list of large documents has at least one document a page', async () => {
    const pages = await readAll('/api/v1/spaces/lib/metadata/latest?limit=1');
    expect(pages.map(({ document }) => Object(document).items[0].name)).toEqual(['large', 'small']);
  });

  it.each(['/api/lib/charts?limit=5', '/api/lib/charts', '/lib/index.yaml'])(
    'a list of charts omits the descriptions of large entries: %s',
    async (path) => {
      const [page] = await readAll(path);
      const document = Object(page?.document);
      const charts = document.entries ?? document;
      expect(charts.large).toHaveLength(large.versions);
      expect(charts.large[0]).toMatchObject({ name: 'large', urls: [expect.any(String)] });
      expect(charts.large[0].description).toBeUndefined();
      expect(charts.small[0]).toMatchObject({ name: 'small', version: '1.0.0' });
    },
  );

  it('the versions of a chart are paged as ChartMuseum pages charts', async () => {
    const [all] = await readAll('/api/lib/charts/large');
    expect(all?.document).toHaveLength(large.versions);
    const pages = await readAll('/api/lib/charts/large?limit=12');
    expect(pages.map(({ document }) => Object(document).length)).toEqual([12, 12, 6]);
    expect(pages.flatMap(({ document }) => document)).toEqual(all?.document);
  });

  it('a list of jobs is paged by the size of their warnings', async () => {
    const jobs = 10;
    await registry.db.query(
      `INSERT INTO jobs (id, state, space, chart, version, recipe, plan, finished_at, warnings)
       SELECT gen_random_uuid(), 'failed', 'lib', 'warned', n || '.0.0', '{}', '{}', now(), jsonb_build_array(
                jsonb_build_object('code', 'key.ignored', 'pointer', '', 'message', repeat('a', $2)))
         FROM generate_series(1, $1::int) n`,
      [jobs, large.description],
    );
    const pages = await readAll('/api/v1/jobs?chart=warned&limit=1000');
    for (const { bytes } of pages) expect(bytes).toBeLessThan(pageBytes + 1_000);
    const items = pages.flatMap(({ document }) => Object(document).items);
    expect(new Set(items.map(({ id }) => id)).size).toBe(jobs);
    expect(pages.map(({ document }) => Object(document).items.length)).toEqual([3, 3, 3, 1]);
  });

  it('a large description is searched, and cut in the result', async () => {
    const found = await registry.api('/search?q=large&limit=1000');
    expect(Object(await found.json()).items[0].description).toHaveLength(4096);
  });
});

it('a value longer than any string of V8 fails its query, and the connection stays usable', async () => {
  const { db } = registry.context.registry;
  await expect(db.query(`SELECT repeat('a', 560000000) AS text`)).rejects.toThrow(
    /string longer than|Cannot create/,
  );
  expect(await db.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
});
