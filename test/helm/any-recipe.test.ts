import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../core/yaml/json.ts';
import { type ChartTree, valuesFileOf } from '../support/helm/composition.ts';
import { helms, missingHelms } from '../support/helm/program.ts';
import { lintCharts, renderPair } from '../support/helm/render.ts';
import { leaf, openSmallWorkshop } from '../support/helm/small-charts.ts';
import type { Workshop } from '../support/helm/workshop.ts';

/** Declared dependencies of the small charts: name or alias, and the source chart. */
const declared: Record<string, [name: string, source: string][]> = {
  leaf: [['base', 'base']],
  db: [
    ['leaf', 'leaf'],
    ['base', 'base'],
  ],
  cache: [['store', 'leaf']],
  old: [
    ['twig', 'leaf'],
    ['base', 'base'],
  ],
  shop: [
    ['base', 'base'],
    ['db', 'db'],
    ['hot', 'cache'],
    ['cold', 'cache'],
    ['old', 'old'],
    ['extras', 'extras'],
    ['media', 'media'],
    ['strict', 'strict'],
  ],
};

const anyConfig: fc.Arbitrary<JsonObject> = fc.constantFrom<JsonObject[]>(
  { size: 5, list: ['a', { b: [] }] },
  { tree: { a: 'schöne Grüße', b: { c: 1.5 } }, nameOverride: 'named' },
  { global: { labels: { from: 'recipe' }, more: true } },
  { auth: { user: 'yes' }, internal: { pool: { max: 7 } }, leaf: { size: 6 }, store: { size: 7 } },
  { leaf: { enabled: false }, twig: { enabled: false }, mode: '0x10' },
);

/** Names for children: declared ones and others. */
const anyName = fc.constantFrom('base', 'leaf', 'store', 'twig', 'a', 'B_2', 'x-1');

function anyTree(depth: number, sources: readonly string[]): fc.Arbitrary<ChartTree> {
  const children: fc.Arbitrary<Record<string, ChartTree>> =
    depth === 0
      ? fc.constant({})
      : fc.dictionary(
          // Names differ by level, because a child must not have the name of a chart above it.
          anyName.map((name) => (depth === 2 ? name : `${name}-${depth}`)),
          anyTree(depth - 1, ['base', 'leaf', 'db', 'cache', 'old', 'extras', 'media']),
          { maxKeys: 3, noNullPrototype: true },
        );
  return fc
    .record(
      { source: fc.constantFrom(...sources), config: anyConfig, children },
      { requiredKeys: ['source', 'children'] },
    )
    .map((tree) => {
      // The root gets a `leaf`, whose templates the other charts include.
      const all = depth === 2 ? { ...tree.children, parts: leaf() } : tree.children;
      return { ...tree, children: claimEntries(tree.source, all) };
    });
}

/** Gives each child of an undeclared name the first free declared dependency on its source chart. */
function claimEntries(source: string, children: Record<string, ChartTree>): Record<string, ChartTree> {
  const known = declared[source] ?? [];
  const free = known.filter(([name]) => !(name in children));
  const claimed = Object.keys(children)
    .sort()
    .map((name): [string, ChartTree] => {
      const child = children[name] ?? { source: 'base' };
      if (known.some(([key]) => key === name)) return [name, child];
      const place = free.findIndex(([, chart]) => chart === child.source);
      const entry = place < 0 ? undefined : free.splice(place, 1)[0]?.[0];
      return [name, entry ? { ...child, entry } : child];
    });
  return Object.fromEntries(claimed);
}

const anyShop = anyTree(2, ['db', 'cache', 'old', 'shop']);

describe.skipIf(missingHelms().length > 0)(
  'any recipe (left out without helm3 and helm4 on the PATH)',
  () => {
    let workshop: Workshop;
    beforeAll(async () => {
      workshop = await openSmallWorkshop();
    });
    afterAll(() => workshop?.close());

    it('any recipe makes a chart that Helm accepts, renders and lints as its own', async () => {
      let made = 0;
      let accepted = 0;
      await fc.assert(
        fc.asyncProperty(anyShop, async (root) => {
          made += 1;
          const composition = { chart: `any-${made}`, root, ownValues: valuesFileOf(root) };
          for (const helm of helms) {
            const pair = (await workshop.pair(helm, [composition])).get(composition.chart);
            if (!pair) throw new Error('nothing was made');
            const rendered = await renderPair(helm, pair, workshop.folder);
            expect(rendered.differences.join('\n\n'), `Helm ${helm.major}`).toBe('');
            accepted += rendered.own.passed ? 1 : 0;
            const messages = await lintCharts(helm, [pair.composed, pair.own], workshop.folder);
            expect(messages.get(pair.composed)).toBe(messages.get(pair.own));
          }
        }),
        { numRuns: 6, endOnFailure: true },
      );
      // Helm refuses charts in which a condition disables a chart whose templates others include.
      expect(accepted).toBeGreaterThan(0);
    }, 120_000);
  },
);
