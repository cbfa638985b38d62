import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultChartLimits } from '../archive/limits.ts';
import type { Chart } from '../chart/chart.ts';
import { coalesceValues } from '../chart/coalesce.ts';
import { computeValues } from '../chart/compute-values.ts';
import { prepareChart } from '../chart/prepare.ts';
import { readArchiveFiles, readChart, summarizeArchive, toChartMetadata } from '../chart/read-chart.ts';
import { isObject, type Json, type JsonObject, setKey } from '../yaml/json.ts';
import { stringifyYaml } from '../yaml/yaml.ts';
import { makeChart, makePlan, type NodeSpec } from './compose.fixture.ts';
import { composePlan } from './compose.ts';
import { composePrepared } from './compose-prepared.ts';
import { composeTree } from './compose-tree.ts';
import type { Plan } from './plan.ts';
import { resolveTree } from './resolve-tree.ts';
import { findWarnings } from './warnings/find-warnings.ts';

const scalars = fc.constantFrom<Json[]>(
  0,
  1.5,
  true,
  'text',
  'yes',
  '0x10',
  '',
  ' # no comment',
  'two\nlines',
  [],
);
const keys = fc.constantFrom<string[]>('a', 'b', 'on', '1_000', 'Key with space', 'image', '__proto__');
const childNames = fc.constantFrom<string[]>('db', 'cache', 'B', 'lib', '7', 'constructor', 'x.y');

function maps(leaf: fc.Arbitrary<Json>, depth = 2): fc.Arbitrary<JsonObject> {
  const value: fc.Arbitrary<Json> = depth === 0 ? leaf : fc.oneof(leaf, leaf, maps(leaf, depth - 1));
  return fc.array(fc.tuple(keys, value), { maxLength: 4 }).map(mapOf);
}

function mapOf(entries: readonly (readonly [string, Json])[]): JsonObject {
  const map: JsonObject = {};
  for (const [key, value] of entries) setKey(map, key, value);
  return map;
}

/** Makes values with sections for children, as a source or a recipe may have them. */
function valuesOf(leaf: fc.Arbitrary<Json>): fc.Arbitrary<JsonObject> {
  const sections = fc.array(fc.tuple(childNames, maps(leaf)), { maxLength: 2 }).map(mapOf);
  const globals = fc.option(maps(scalars, 1), { nil: undefined });
  return fc
    .tuple(maps(leaf), sections, globals)
    .map(([own, inner, global]) => ({ ...own, ...inner, ...(global ? { global } : {}) }));
}

const charts: fc.Arbitrary<Chart> = fc
  .record({
    name: fc.constantFrom('web', 'mariadb', 'common'),
    version: fc.constantFrom('1.0.0', 'v2.1', '1.0.0-rc.1+b'),
    apiVersion: fc.constantFrom<('v1' | 'v2')[]>('v1', 'v2'),
    values: fc.option(valuesOf(scalars), { nil: undefined }),
    dependencies: fc.uniqueArray(childNames, { maxLength: 3 }),
    files: fc.dictionary(
      fc.constantFrom('templates/a.yaml', 'README.md', 'charts/_x', 'crds/ü.yaml', 'values.schema.json'),
      fc.string(),
    ),
  })
  .map(({ values, dependencies, ...rest }) => {
    return makeChart({
      ...rest,
      dependencies: dependencies.map((name) => ({
        name,
        version: '1.x.x',
        repository: 'https://example.com',
      })),
      ...(values ? { values: `# comment\n${stringifyYaml(values)}` } : {}),
    });
  });

function specs(depth: number): fc.Arbitrary<NodeSpec> {
  const children: fc.Arbitrary<Record<string, NodeSpec>> =
    depth === 0 ? fc.constant({}) : fc.dictionary(childNames, specs(depth - 1), { maxKeys: 3 });
  return fc.record(
    { chart: charts, config: valuesOf(fc.oneof(scalars, fc.constant(null))), children },
    { requiredKeys: ['chart', 'children'] },
  );
}

const trees = specs(2);

async function compose(root: NodeSpec, rest: Partial<Plan> = {}): Promise<{ archive: Buffer; chart: Chart }> {
  const { plan, sources } = makePlan(root, rest);
  const archive = await composePlan(plan, sources, defaultChartLimits);
  return { archive, chart: await readChart(Readable.from([archive]), defaultChartLimits) };
}

interface Shape {
  name: string;
  version: string;
  inside: Shape[];
}

function shapeOf({ name, version, subcharts }: Chart): Shape {
  return { name, version, inside: subcharts.map(shapeOf) };
}

function shapeWanted(name: string, version: string, { children = {} }: NodeSpec): Shape {
  const names = Object.keys(children).sort();
  const inside = names.flatMap((child) => {
    const spec = children[child];
    return spec ? [shapeWanted(child, spec.chart.version, spec)] : [];
  });
  return { name, version, inside };
}

/** Merges the recipe's configuration into one tree, as a user would pass it to Helm with `-f`. */
function configOf({ config = {}, children = {} }: NodeSpec): JsonObject {
  let merged = config;
  for (const [name, child] of Object.entries(children))
    merged = laid(merged, mapOf([[name, configOf(child)]]));
  return merged;
}

function laid(under: JsonObject, over: JsonObject): JsonObject {
  const result = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const before = Object.hasOwn(result, key) ? result[key] : undefined;
    setKey(result, key, isObject(before) && isObject(value) ? laid(before, value) : value);
  }
  return result;
}

function withoutConfig({ chart, children = {} }: NodeSpec): NodeSpec {
  const bare = Object.entries(children).map(([name, child]) => [name, withoutConfig(child)] as const);
  return { chart, children: Object.fromEntries(bare) };
}

/** Removes values that a template cannot tell from absent ones: null, and the empty `global` that Helm adds. */
function effective(value: Json): Json {
  if (!isObject(value)) return value;
  const kept = Object.entries(value)
    .filter(([key, content]) => content !== null && !(key === 'global' && JSON.stringify(content) === '{}'))
    .map(([key, content]) => [key, effective(content)] as const);
  return mapOf(kept);
}

function declaredIn({ dependencies, subcharts }: Chart): boolean {
  const declared = dependencies.map(({ name, version, alias, repository }) =>
    [name, version, alias, repository].join(),
  );
  const inside = subcharts.map(({ name, version }) => [name, version, undefined, undefined].join());
  return declared.sort().join() === inside.sort().join() && subcharts.every(declaredIn);
}

describe('any plan', () => {
  it('any plan composes into its tree of charts, with matching declarations', async () => {
    await fc.assert(
      fc.asyncProperty(
        trees,
        fc.constantFrom<Plan['values'][]>('merge', 'replace', 'literal'),
        async (root, values) => {
          const { chart } = await compose(root, { values });
          expect(shapeOf(chart)).toEqual(shapeWanted('shop', '2.0.0', root));
          expect(declaredIn(chart)).toBe(true);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('any plan composes into the same bytes twice', async () => {
    await fc.assert(
      fc.asyncProperty(trees, async (root) => {
        const { plan, sources } = makePlan(root);
        const stored: Plan = JSON.parse(JSON.stringify(plan));
        const bytes = await composePlan(plan, sources, defaultChartLimits);
        expect(
          bytes.equals(await composePlan(stored, new Map([...sources].reverse()), defaultChartLimits)),
        ).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it('any plan composes prepared sources into the same files, with the right summary', async () => {
    const modes = fc.constantFrom<Plan['values'][]>('merge', 'merge', 'replace', 'literal');
    const descriptions = fc.option(fc.constantFrom('a shop', 'two\nlines', 'odd \u0007 \u00a0: #'), {
      nil: undefined,
    });
    await fc.assert(
      fc.asyncProperty(trees, modes, descriptions, async (root, values, description) => {
        const { plan, sources } = makePlan(root, {
          values,
          ...(description === undefined ? {} : { description }),
        });
        const ready = [...sources].map(
          ([digest, chart]) => [digest, { chart, prepared: prepareChart(chart) }] as const,
        );
        const composed = await composePrepared(plan, new Map(ready), defaultChartLimits);
        // Edits made for the first composition are cached for the second.
        const again = await composePrepared(plan, new Map(ready), defaultChartLimits);
        expect(again.archive.equals(composed.archive)).toBe(true);
        const plain = await composePlan(plan, sources, defaultChartLimits);
        const filesOf = async (archive: Buffer) =>
          [...(await readArchiveFiles(Readable.from([archive]), defaultChartLimits))].sort(([a], [b]) =>
            a < b ? -1 : 1,
          );
        expect(await filesOf(composed.archive)).toEqual(await filesOf(plain));
        const summary = await summarizeArchive(Readable.from([plain]), defaultChartLimits);
        const predicted = await composed.inspect();
        // Values may be left out, with the sentence about them.
        const withoutValues = { values: undefined, valuesMajors: undefined };
        expect({ ...predicted, ...withoutValues }).toEqual({ ...summary, ...withoutValues });
      }),
      { numRuns: 150 },
    );
  });

  it("any plan's merged values are those that Helm computes with `-f`, or are warned of, in both majors", async () => {
    let warned = 0;
    await fc.assert(
      fc.asyncProperty(trees, async (root) => {
        const { plan, sources } = makePlan(root);
        const tree = resolveTree(plan, sources);
        const codes = findWarnings(tree, plan).map(({ code }) => code);
        const { chart } = await compose(root);
        const { chart: bare } = await compose(withoutConfig(root));
        for (const major of [3, 4] as const) {
          const wanted = computeValues(bare, { major, userValues: configOf(root) }).values;
          const found = computeValues(chart, { major }).values;
          const isWarned = codes.some((code) => ['values.null', 'values.differ'].includes(code));
          if (isWarned) warned += 1;
          else expect(effective(found)).toEqual(effective(wanted));
        }
      }),
      { numRuns: 100 },
    );
    // Warnings come of one plan in five, so half of the comparisons are sure to be made.
    expect(warned).toBeLessThan(100);
  });

  it('any plan has a predicted tree and values equal to those of its archive', async () => {
    await fc.assert(
      fc.asyncProperty(
        trees,
        fc.constantFrom<Plan['values'][]>('merge', 'replace', 'literal'),
        async (root, values) => {
          const { plan, sources } = makePlan(root, { values, description: 'd' });
          const predicted = composeTree(resolveTree(plan, sources), plan);
          const { chart } = await compose(root, { values, description: 'd' });
          expect(toChartMetadata(predicted)).toEqual(toChartMetadata(chart));
          expect(coalesceValues(predicted)).toEqual(coalesceValues(chart));
        },
      ),
      { numRuns: 100 },
    );
  });

  it('any plan by replace has only the values of the recipe', async () => {
    await fc.assert(
      fc.asyncProperty(trees, async (root) => {
        const { chart } = await compose(root, { values: 'replace' });
        const bare = (spec: NodeSpec): NodeSpec => ({
          ...spec,
          chart: makeChart({ name: spec.chart.name, version: spec.chart.version }),
          children: Object.fromEntries(
            Object.entries(spec.children ?? {}).map(([name, child]) => [name, bare(child)]),
          ),
        });
        const { chart: empty } = await compose(bare(root));
        expect(chart.values).toEqual(empty.values);
        const cleared = ({ subcharts }: Chart): boolean =>
          subcharts.every((inner) => Object.keys(inner.values).length === 0 && cleared(inner));
        expect(cleared(chart)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});
