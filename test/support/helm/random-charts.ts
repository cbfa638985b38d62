import type { Json, JsonObject } from '../../../core/yaml/json.ts';
import type { TestChart } from '../charts.ts';
import type { Random } from '../random.ts';

/** Chart with values that are hard to merge, and a user's values for the chart. */
export interface RandomCase {
  chart: TestChart;
  /** Values of a user, as of `--values`. */
  given: JsonObject;
}

/** Template that prints the values of a chart. */
export const valuesTemplate = 'values: {{ toJson .Values }}\n';

const words = ['a', 'b', 'x', 'enabled'] as const;
const sections = ['global', 's1', 's2', 'sub', 'leaf', 'mid'] as const;

/** Makes a chart of up to three levels. Aliases, conditions, tags, imports, globals and nulls are all at random. */
export function makeRandomCase(random: Random): RandomCase {
  const chart = makeChart(random, 'root', 2);
  const given = random.next() < 0.6 ? makeMap(random, 3) : {};
  return { chart: { ...chart, files: { ...chart.files, 'templates/v.yaml': valuesTemplate } }, given };
}

function makeChart(random: Random, name: string, depth: number): TestChart {
  const subcharts: TestChart[] = [];
  const dependencies: JsonObject[] = [];
  for (const inner of depth === 2 ? ['mid', 'sub'] : depth === 1 ? ['leaf', 'other'] : []) {
    if (random.next() < 0.25) continue;
    subcharts.push(makeChart(random, inner, depth - 1));
    if (random.next() < 0.85) dependencies.push(...makeEntries(random, inner, dependencies));
  }
  const values = makeMap(random, 3);
  // Helm 3 reads the first document only.
  const more = random
    .pick(documents)
    .map((document) => `---\n${document === 'map' ? JSON.stringify(makeMap(random, 2)) : document}\n`)
    .join('');
  return {
    name,
    manifest: dependencies.length > 0 ? { dependencies } : {},
    files: { 'values.yaml': `${JSON.stringify(values)}\n${more}` },
    subcharts,
  };
}

/** Documents after the first in values.yaml. */
const documents: readonly string[][] = [[], [], [], [], [], [], ['map'], ['map', 'map'], ['', 'map']];

function makeEntries(random: Random, name: string, others: readonly JsonObject[]): JsonObject[] {
  const aliases = random.pick([['s1', 's2'], [''], [''], [`my${name}`]]);
  const used = new Set(others.map(({ alias }) => alias));
  return aliases
    .filter((alias) => !used.has(alias) || alias === '')
    .map((alias): JsonObject => {
      const entry: JsonObject = { name, version: '1.0.0' };
      if (alias !== '') entry.alias = alias;
      if (random.next() < 0.2)
        entry.condition = random.pick([
          `${alias || name}.enabled`,
          'enabled',
          'a.enabled,enabled',
          'global.enabled',
          ' global.a.enabled,sub.enabled',
        ]);
      if (random.next() < 0.15) entry.tags = ['t1', 't2'];
      if (random.next() < 0.5) entry['import-values'] = random.pick<Json>(imports);
      return entry;
    });
}

const imports: readonly Json[] = [
  ['data'],
  [{ child: 'a', parent: 'b' }],
  ['data', { child: 'x', parent: 'x' }, 'none'],
  [{ child: 'exports.data', parent: '.' }],
  [{ child: 'global', parent: 'a.b' }],
  [{ child: 'leaf.x', parent: 'x' }],
  [{ child: 'global', parent: 'global' }],
  [{ child: 'exports', parent: 'sub' }, 'data.x'],
  [{ child: 'exports.data', parent: 's1.global' }, { child: 'a' }, 'data'],
  [{ child: 'leaf', parent: 'mid.leaf' }],
];

function makeMap(random: Random, depth: number): JsonObject {
  const map: JsonObject = {};
  for (let count = depth < 0 ? 0 : random.between(0, 3); count > 0; count -= 1) {
    if (random.next() < 0.5) map[random.pick(words)] = makeValue(random, depth);
    else map[random.pick(sections)] = random.next() < 0.06 ? null : makeMap(random, depth - 1);
  }
  if (depth === 3 && random.next() < 0.3) map.tags = { t1: random.next() < 0.5, t2: random.next() < 0.5 };
  if (depth >= 2 && random.next() < 0.5) map.exports = { data: makeMap(random, depth - 1) };
  return map;
}

function makeValue(random: Random, depth: number): Json {
  if (random.next() < 0.2) return null;
  if (depth === 0 || random.next() < 0.4) return random.pick<Json>([1, 2.5, 'q', true, false, [1, null], []]);
  return makeMap(random, depth - 1);
}
