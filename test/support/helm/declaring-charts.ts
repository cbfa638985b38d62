import type { JsonObject } from '../../../core/yaml/json.ts';
import { stringifyYaml } from '../../../core/yaml/yaml.ts';
import type { TestChart } from '../charts.ts';
import type { Random } from '../random.ts';

/** Chart with the dependencies that it declares, apart from its manifest: a repository is added where it is packaged. */
export interface DeclaringChart {
  chart: TestChart & { version: string };
  entries: JsonObject[];
}

const show = `apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}-{{ .Chart.Name }}-{{ .Chart.Version }}}
data: {values: {{ .Values | toJson | quote }}}
`;

/** Ranges of one entry, or of two with an alias each that mean the same version or exclude each other. */
const leafRanges: readonly string[][] = [
  ['^1'],
  ['~1.4'],
  ['>=1 <3'],
  ['2.x.x'],
  ['*'],
  ['1.0.0'],
  ['>=2.0.0-0'],
  ['1'],
  ['1.0 - 1.4'],
  ['^1 || ^2'],
  ['^1', '^2'],
  ['1.0.0', '~1.4'],
  ['^1', '>=1 <2'],
  ['*', '*'],
  ['>=2.0.0-0', '1.0.0'],
];
const midRanges: readonly string[][] = [['^1'], ['1.x'], ['1.0.0'], ['~1.1'], ['1.0.0', '~1.1'], ['*', '^1']];

/**
 * Makes charts of three levels that declare each other at random. The charts have ranges, aliases, conditions, tags,
 * globals and imports.
 * @returns the levels from the leaves up; each chart declares charts of lower levels
 */
export function makeDeclaringCharts(random: Random, tops: number): DeclaringChart[][] {
  const leaves = ['leaf-a', 'leaf-b', 'leaf-c'];
  const mids = ['mid-a', 'mid-b'];
  const entriesOf = (names: readonly string[], ranges: readonly string[][]) =>
    names.flatMap((name) => (random.next() < 0.8 ? makeEntries(random, name, random.pick(ranges)) : []));
  return [
    leaves.flatMap((name) =>
      ['1.0.0', '1.4.2', '2.0.0', '2.1.0-rc.1'].map((version) => makeChart(random, name, version, [])),
    ),
    mids.flatMap((name) =>
      ['1.0.0', '1.1.0'].map((version) => makeChart(random, name, version, entriesOf(leaves, leafRanges))),
    ),
    Array.from({ length: tops }, (_, index) => {
      const entries = [...entriesOf(leaves, leafRanges), ...entriesOf(mids, midRanges)];
      return makeChart(random, `top-${index}`, '1.0.0', entries);
    }),
  ];
}

/** Builds a chart that says where its dependencies are. An old chart says it in requirements.yaml. */
export function declareIn({ chart, entries }: DeclaringChart, repository: string): TestChart {
  if (entries.length === 0) return chart;
  const dependencies = entries.map((entry) => ({ ...entry, repository }));
  if (chart.manifest?.apiVersion !== 'v1') return { ...chart, manifest: { ...chart.manifest, dependencies } };
  return { ...chart, files: { ...chart.files, 'requirements.yaml': stringifyYaml({ dependencies }) } };
}

function makeEntries(random: Random, name: string, ranges: readonly string[]): JsonObject[] {
  return ranges.map((version, index): JsonObject => {
    const isAliased = ranges.length > 1 || random.next() < 0.3;
    const alias = isAliased ? { alias: `${name.replace('-', '_')}${index}` } : {};
    const key = alias.alias ?? name;
    const entry: JsonObject = { name, version, ...alias };
    if (random.next() < 0.3) entry.condition = random.pick([`${key}.enabled`, 'global.on', 'a.enabled']);
    if (random.next() < 0.2) entry.tags = ['t1', 't2'];
    if (random.next() < 0.4) {
      entry['import-values'] = random.pick([
        ['data'],
        [{ child: 'a', parent: 'imported' }],
        ['data', { child: 'global', parent: 'imported.global' }],
      ]);
    }
    return entry;
  });
}

function makeChart(random: Random, name: string, version: string, entries: JsonObject[]): DeclaringChart {
  const values: JsonObject = makeSection(random);
  for (const { name: source, alias } of entries) {
    if (random.next() < 0.6) values[String(alias ?? source)] = makeSection(random);
  }
  values.exports = { data: makeSection(random) };
  if (random.next() < 0.5) values.tags = { t1: random.next() < 0.5 };
  const manifest = random.next() < 0.2 ? { apiVersion: 'v1' } : {};
  const files = { 'templates/show.yaml': show, 'README.md': `${name} ${version}\n` };
  return { chart: { name, version, manifest, values, files }, entries };
}

function makeSection(random: Random): JsonObject {
  const section: JsonObject = { a: { n: random.between(0, 99), enabled: random.next() < 0.7 } };
  if (random.next() < 0.5) section.enabled = random.next() < 0.6;
  if (random.next() < 0.5)
    section.global = { on: random.next() < 0.7, [random.pick(['x', 'y'])]: random.between(0, 9) };
  return section;
}
