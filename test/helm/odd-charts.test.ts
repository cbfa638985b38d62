import { afterAll, beforeAll, expect, it } from 'vitest';
import type { JsonObject } from '../../core/yaml/json.ts';
import { packChart, type TestChart } from '../support/charts.ts';
import { type EmbeddedRegistry, startEmbedded } from '../support/embedded.ts';
import { lintArchive, renderArchive } from '../support/helm/archive.ts';
import { describeHelms } from '../support/helm/describe-helms.ts';

const show = `kind: ConfigMap
apiVersion: v1
metadata: {name: {{ .Chart.Name }}}
# {{ .Values | toJson }}
# {{ .Chart.AppVersion }} {{ .Template.Name }} {{ range $name, $_ := .Subcharts }}{{ $name }} {{ end }}
`;
/** Builds a chart whose template shows its values; `values` is the text of values.yaml. */
const part = (name: string, values: string, rest: Partial<TestChart> = {}): TestChart => ({
  name,
  ...rest,
  files: { 'values.yaml': values, 'templates/show.yaml': show, ...rest.files },
});
const declare = (...dependencies: JsonObject[]) => ({ manifest: { dependencies } });

const leaf = part('leaf', 'exports: {data: {pool: {max: 1, min: 2}, host: h}}\ninner: {deep: {a: 1}}\n');
const imports = declare({
  name: 'leaf',
  version: '1.0.0',
  'import-values': ['data', { child: 'inner', parent: 'got.it' }],
});
const middle = (values: string) => part('middle', values, { ...imports, subcharts: [leaf] });
const topImports = declare({
  name: 'middle',
  version: '1.0.0',
  'import-values': [{ child: 'got', parent: 'top' }],
});
const top = (values: string, below: string) =>
  part('top', values, { ...topImports, subcharts: [middle(below)] });

/** Chart without declared dependencies, so that Helm ignores the dependencies that its subcharts declare. */
const asleep = part('asleep', 'a: 1\n', {
  subcharts: [
    part('inner', 'leaf: {enabled: false}\n', {
      ...declare({ name: 'leaf', version: '1.0.0', alias: 'off', condition: 'leaf.enabled' }),
      subcharts: [leaf],
    }),
  ],
});
const scripts = (values: string) => part('scripts', values);

const source = (chart: string, rest: object = {}) => ({
  package: { independent: true, space: 'lib', chart, version: '1.0.0', ...rest },
});
const keep = (chart: string) => source(chart, { subcharts: 'keep' });

/** Recipes, each with a chart for Helm whose values.yaml is written by hand, to compare with. */
const cases: [title: string, configs: object, own: TestChart][] = [
  [
    'null for what a chart imports, by either form, and for what it has itself',
    {
      ...source('middle'),
      _config: { pool: null, got: { it: { deep: { a: null } } }, m: null },
      leaf: source('leaf'),
    },
    middle('pool: null\ngot: {it: {deep: {a: null}}}\n'),
  ],
  [
    'null for a part of what a chart imports from a chart that imports it',
    { ...keep('top'), _config: { top: { it: { deep: null } } } },
    top('t: 1\ntop: {it: {deep: null}}\n', 'm: 1\n'),
  ],
  [
    'null for what a chart below imports',
    { ...keep('top'), _config: { middle: { pool: { max: null } } } },
    top('t: 1\nmiddle: {pool: {}}\n', 'm: 1\npool: {max: null}\n'),
  ],
  ['a chart that declares nothing', keep('asleep'), asleep],
  [
    'a text that ends in blank lines, with keys behind it',
    { ...source('scripts'), _config: { a: 'x\n\n' } },
    scripts('a: "x\\n\\n"\nb: |\n  y'),
  ],
  [
    'a key behind a block that the file ends in',
    { ...source('scripts'), _config: { c: 3 } },
    scripts('a: 1\nc: 3\nb: |\n  y'),
  ],
];

let registry: EmbeddedRegistry;
beforeAll(async () => {
  registry = await startEmbedded();
  const sources = [leaf, middle('m: 1\n'), top('t: 1\n', 'm: 1\n'), asleep, scripts('a: 1\nb: |\n  y')];
  for (const chart of sources) expect((await registry.upload('lib', chart)).status).toBe(201);
});
afterAll(() => registry?.close());

describeHelms('odd charts', (helm) => {
  it.each(cases)('a composed chart renders and lints as one by hand: %s', async (_title, configs, own) => {
    const version = `${helm.major}.0.0`;
    const chart = `c${cases.findIndex(([, other]) => other === configs)}`;
    const response = await registry.orchestrate('lib', { save: { chart, version }, configs });
    expect(response.status, await response.clone().text()).toBe(201);
    const archive = await registry.api(`/spaces/lib/charts/${chart}/versions/${version}`);
    const composed = Buffer.from(await archive.arrayBuffer());
    const wanted = await packChart({ ...own, name: chart, version });
    for (const args of [[], ['--set', 'global.g=1,leaf.more=2']]) {
      const answer = await renderArchive(helm, wanted, ...args);
      expect(answer.passed, answer.stderr).toBe(true);
      expect(await renderArchive(helm, composed, ...args)).toEqual(answer);
    }
    expect((await lintArchive(helm, composed)).passed).toBe((await lintArchive(helm, wanted)).passed);
  });
});
