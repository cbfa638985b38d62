import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packArchive } from '../core/archive/write-archive.ts';
import { summarizeContents } from '../core/registry/chart-contents.ts';
import { createContentsCache } from '../core/registry/contents-cache.ts';
import { packChart } from './support/charts.ts';
import { type EmbeddedRegistry, startEmbedded } from './support/embedded.ts';
import { countTurns } from './support/event-loop.ts';
import { createRandom } from './support/random.ts';

let registry: EmbeddedRegistry;
beforeAll(async () => {
  registry = await startEmbedded({}, { worker: false });
});
afterAll(() => registry.close());

const version = (chart: string) => `/spaces/lib/charts/${chart}/versions/1.0.0`;

// Opening takes a hundred times as long as 20 turns; on the event loop there would be a few turns between its steps.
const manyTurns = 20;

describe('a heavy archive', () => {
  beforeAll(async () => {
    const random = createRandom(7);
    const manifest = Buffer.from('apiVersion: v2\nname: heavy\nversion: 1.0.0\n');
    const values = Array.from({ length: 20_000 }, (_, index) => `k${index}: {a: b}`).join('\n');
    const files = Array.from({ length: 5_000 }, (_, index): [string, Buffer] => [
      `files/${index % 50}/${index}.bin`,
      random.bytes(3_000),
    ]);
    const archive = await packArchive('heavy', [
      ['Chart.yaml', manifest],
      ['values.yaml', Buffer.from(values)],
      ...files,
    ]);
    expect(archive.length).toBeGreaterThan(14_000_000);
    expect((await registry.upload('lib', archive)).status).toBe(201);
  });

  it.each([
    ['its list', '/files?limit=100', 'files/'],
    ['its values with origins', '/manifests/values?origin=true', '"pointer":"/k19999/a"'],
  ])('a heavy archive does not block the event loop: %s', async (_, path, part) => {
    const { result, turns } = await countTurns(() => registry.api(`${version('heavy')}${path}`));
    expect([result.status, turns > manyTurns]).toEqual([200, true]);
    expect(await result.text()).toContain(part);
  });

  it('a heavy archive has its files at once after that, those that are not kept too', async () => {
    const list = await registry.api(`${version('heavy')}/files?path=files/49/&limit=200`);
    expect(Object(await list.json()).metadata).toEqual({ total: 100, itemsLength: 100 });
    for (const path of ['files/0/0.bin', 'files/49/4999.bin']) {
      const response = await registry.api(`${version('heavy')}/files/${path}`);
      expect((await response.arrayBuffer()).byteLength).toBe(3_000);
    }
  });
});

it('sums up what an archive holds, subcharts whichever way they are packed', async () => {
  const inner = { name: 'inner', files: { 'templates/a.yaml': 'a: 1\n', 'crds/a.yaml': 'a: 1\n' } };
  const chart = {
    name: 'sums',
    values: { a: 1 },
    files: {
      'ReadMe.md': 'read\n',
      README: 'read\n',
      'values.schema.json': '{}',
      'changelog.md': '1\n',
      'templates/b.yaml': 'b: 1\n',
      'charts/inner-1.0.0.tgz': await packChart(inner),
    },
    subcharts: [{ ...inner, name: 'outer' }],
  };
  expect((await registry.upload('lib', chart)).status).toBe(201);
  const ref = { space: 'lib', chart: 'sums', version: '1.0.0' };
  expect(await summarizeContents(registry.context.registry, ref)).toEqual({
    // The archive's first README, as `helm show readme` takes it.
    files: {
      readme: 'ReadMe.md',
      values: 'values.yaml',
      schema: 'values.schema.json',
      changelog: 'changelog.md',
    },
    counts: { templates: 3, crds: 2, files: 14, subcharts: 2 },
  });
});

it('opens an archive once for all who ask, and keeps it within the bounds', async () => {
  const { charts, ...deps } = registry.context.registry;
  let opened = 0;
  const counting = {
    ...deps,
    charts: {
      ...charts,
      readContents: (...args: Parameters<typeof charts.readContents>) => {
        opened += 1;
        return charts.readContents(...args);
      },
    },
  };
  const files = { 'a.txt': 'a'.repeat(2_000) };
  const archives = await Promise.all(
    ['one', 'two'].map(async (name) => {
      const archive = await packChart({ name, files });
      expect((await registry.upload('lib', archive)).status).toBe(201);
      const [row] = await registry.db.query<{ digest: `sha256:${string}`; size: number }>(
        'SELECT v.digest, v.size FROM versions v JOIN charts c ON c.id = v.chart_id WHERE c.name = $1',
        [name],
      );
      if (!row) throw new Error('an upload has no row');
      return { space: 'lib', ...row };
    }),
  );
  const [one, two] = archives;
  if (!one || !two) throw new Error('two archives were made');
  const large = createContentsCache(counting, { maxBytes: 100_000, admit: () => undefined });
  await Promise.all([1, 2, 3].map(() => large.open(one)));
  await large.open(one);
  expect(opened).toBe(1);
  // Room for one of them.
  opened = 0;
  const small = createContentsCache(counting, { maxBytes: 1_500, admit: () => undefined });
  for (const archive of [one, one, two, two, one]) await small.open(archive);
  expect(opened).toBe(3);
  const contents = await small.open(two);
  // A quarter of the cache is too little for the file, which is read from the archive then.
  expect(contents?.bytes.length).toBeLessThan(1_000);
  expect(await large.open({ ...one, digest: `sha256:${'0'.repeat(64)}` })).toBeUndefined();
});
