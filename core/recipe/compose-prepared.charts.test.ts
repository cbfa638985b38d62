import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { filesInArchiveOrder } from '../archive/assembly/index.ts';
import { defaultChartLimits as limits } from '../archive/limits.ts';
import { packArchive } from '../archive/write-archive.ts';
import { digestOf, readableOf } from '../blobs/content.ts';
import { summarizeArchive } from '../chart/read-chart.ts';
import { chartFiles, haveCharts, loadCharts, nodeOf, planOf, type Store } from './charts.fixture.ts';
import { composeFiles } from './compose.ts';
import { composePrepared } from './compose-prepared.ts';

/** Composes with and without prepared sources, and checks that both have the same files. */
async function compose(recipe: unknown, store: Store): Promise<{ archive: Buffer; plain: Buffer }> {
  const plan = planOf(recipe, store);
  const composed = await composePrepared(plan, store.sources, limits);
  const charts = new Map([...store.sources].map(([digest, { chart }]) => [digest, chart]));
  const { folder, files } = composeFiles(plan, charts, limits);
  const order = filesInArchiveOrder(composed.arrangement);
  const list = (all: readonly (readonly [string, Buffer])[]) =>
    all.map(([path, bytes]) => `${path} ${digestOf(bytes)}`).sort();
  expect(list(order)).toEqual(list(files));
  const plain = await packArchive(folder, order);
  expect(gunzipSync(composed.archive).equals(gunzipSync(plain))).toBe(true);
  const summary = await summarizeArchive(readableOf(composed.archive), limits);
  // Values may be left out, with the sentence about them.
  const withoutValues = { values: undefined, valuesMajors: undefined };
  expect({ ...(await composed.inspect()), ...withoutValues }).toEqual({ ...summary, ...withoutValues });
  return { archive: composed.archive, plain };
}

describe.skipIf(!haveCharts)('composing prepared charts (skipped where ../shared/charts is absent)', () => {
  const files = haveCharts ? chartFiles() : [];
  let store: Store;
  beforeAll(async () => {
    store = await loadCharts(files);
  });

  it.each(files)(
    '%s alone is composed to the same files as without preparation, and little larger',
    async (file) => {
      for (const config of [undefined, { global: { imageRegistry: 'example.com' }, nameOverride: 'x' }]) {
        const recipe = {
          save: { chart: 'shop', version: '1.0.0' },
          configs: nodeOf(file, config && { _config: config }),
        };
        const { archive, plain } = await compose(recipe, store);
        expect(archive.length / plain.length).toBeLessThanOrEqual(1.03);
      }
    },
  );

  it('any recipe is composed to the same files as without preparation, and little larger', async () => {
    const config = fc.dictionary(
      fc.constantFrom(
        'global',
        'image',
        'auth',
        'replicaCount',
        'service',
        'nameOverride',
        'fullnameOverride',
      ),
      fc.constantFrom<unknown[]>(null, 2, 'text', { tag: 'v1', enabled: true }, { password: 'x y: z' }, [
        'a',
        1,
      ]),
      { noNullPrototype: true, maxKeys: 4 },
    );
    const node = fc.record({ file: fc.constantFrom(...files), config });
    const name = fc.constantFrom('a', 'db', 'cache', 'common');
    const innerName = fc.constantFrom('x', 'base');
    const nested = fc.tuple(node, fc.dictionary(innerName, node, { noNullPrototype: true, maxKeys: 2 }));
    const recipes = fc.tuple(
      node,
      fc.dictionary(name, nested, { noNullPrototype: true, maxKeys: 3 }),
      fc.constantFrom('merge', 'merge', 'merge', 'replace', 'literal'),
    );
    type Node = { file: string; config: Record<string, unknown> };
    const write = ({ file, config: _config }: Node): Record<string, unknown> => nodeOf(file, { _config });
    await fc.assert(
      fc.asyncProperty(recipes, async ([root, children, values]) => {
        const configs = write(root);
        for (const [key, [child, inner]] of Object.entries(children)) {
          const below = Object.entries(inner).map(([innerKey, one]) => [innerKey, write(one)]);
          configs[key] = { ...write(child), ...Object.fromEntries(below) };
        }
        const recipe = { save: { chart: 'shop', version: '1.0.0', values }, configs };
        const { archive, plain } = await compose(recipe, store);
        // The overhead of an edit is estimated: 1.032 is the most that 1,261 recipes with removed keys came to.
        expect(archive.length / plain.length).toBeLessThanOrEqual(1.04);
      }),
      { numRuns: 40 },
    );
  });

  it('a chart is taken out of a composed chart, and twice under two names', async () => {
    const shop = {
      save: { chart: 'shop', version: '1.0.0' },
      configs: nodeOf('wordpress-27.0.0.tgz', {
        db: nodeOf('mariadb-23.0.1.tgz', { common: nodeOf('common-2.31.10.tgz') }),
        other: nodeOf('mariadb-23.0.1.tgz', { common: nodeOf('common-2.31.10.tgz') }),
      }),
    };
    const { archive, plain } = await compose(shop, store);
    expect(archive.length / plain.length).toBeLessThanOrEqual(1.03);
  });
});
