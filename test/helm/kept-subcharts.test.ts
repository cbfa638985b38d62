import { afterAll, beforeAll, expect, it } from 'vitest';
import { packChart, type TestChart } from '../support/charts.ts';
import { type EmbeddedRegistry, startEmbedded } from '../support/embedded.ts';
import { lintArchive, renderArchive } from '../support/helm/archive.ts';
import { describeHelms } from '../support/helm/describe-helms.ts';

/** Builds a template that shows the chart's name, the kind, and all values. */
const show = (kind: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Chart.Name }}}\ndata:\n  ${kind}: {{ .Values | toJson | quote }}\n`;
const part = (name: string, values: TestChart['values'], rest: Partial<TestChart> = {}): TestChart => ({
  name,
  values: values ?? {},
  ...rest,
  files: { 'templates/show.yaml': show(name), ...rest.files },
});

const metrics = part('metrics', { port: 9 });
const db = part(
  'db',
  { user: 'root', metrics: { on: true, port: 10 } },
  {
    version: '2.1.0',
    manifest: { dependencies: [{ name: 'metrics', version: '>=1', condition: 'metrics.on' }] },
    subcharts: [metrics],
  },
);
const cache = part('cache', { size: 1, exports: { data: { fromCache: true } } });
const labels: TestChart = {
  name: 'labels',
  manifest: { type: 'library' },
  files: { 'templates/_l.tpl': '{{ define "labels.x" }}labelled{{ end }}' },
};
const dependencies = [
  { name: 'db', version: '^2', alias: 'primary', condition: 'primary.on' },
  { name: 'db', version: '2.1.0', alias: 'replica', tags: ['replicas'] },
  { name: 'cache', version: '1.0.0', 'import-values': ['data'] },
  { name: 'labels', version: '1.0.0' },
];
const app = part(
  'app',
  { primary: { user: 'app' }, replica: { metrics: { on: false } }, tags: { replicas: true } },
  {
    manifest: { dependencies },
    files: { 'templates/l.yaml': 'kind: L\nx: {{ include "labels.x" . }}\n' },
    subcharts: [db, cache, labels],
  },
);

const source = (chart: string, version = '1.0.0') => ({ independent: true, space: 'lib', chart, version });
const kept = { ...source('app'), subcharts: 'keep' };

let registry: EmbeddedRegistry;
beforeAll(async () => {
  registry = await startEmbedded();
  for (const chart of [app, db, cache, labels, metrics]) await registry.upload('lib', chart);
  await registry.api('/spaces?space=shops', { method: 'POST' });
});
afterAll(() => registry?.close());

describeHelms('kept subcharts', (helm) => {
  async function compose(patch: number, configs: object): Promise<Buffer> {
    const version = `${helm.major}.0.${patch}`;
    const body = { save: { chart: 'app', version }, configs };
    const response = await registry.orchestrate('shops', body);
    expect(response.status, await response.clone().text()).toBe(201);
    const archive = await registry.api(`/spaces/shops/charts/app/versions/${version}`);
    return Buffer.from(await archive.arrayBuffer());
  }

  async function expectEqual(composed: Buffer, expected: TestChart): Promise<void> {
    const reference = await packChart(expected);
    for (const args of [
      [],
      ['--set', 'primary.on=false', '--set', 'replica.metrics.on=true'],
      ['--set', 'tags.replicas=false', '--set', 'global.g=1', '--set', 'primary.metrics.port=77'],
    ]) {
      const wanted = await renderArchive(helm, reference, ...args);
      expect(wanted.passed, wanted.stderr).toBe(true);
      expect(await renderArchive(helm, composed, ...args)).toEqual(wanted);
    }
    expect(await lintArchive(helm, composed)).toMatchObject({ passed: true });
  }

  it('a source with kept subcharts renders as the source itself', async () => {
    await expectEqual(await compose(1, { package: kept }), app);
  });

  it('kept subcharts with one replaced and one under an alias render as Helm renders them', async () => {
    const configs = {
      package: kept,
      primary: { package: { ...source('db', '2.1.0'), subcharts: 'keep' }, _config: { user: 'recipe' } },
      cache: { package: source('metrics') },
    };
    const expected: TestChart = {
      ...app,
      values: { ...app.values, primary: { user: 'recipe' } },
      manifest: {
        dependencies: [
          { name: 'primary', version: '2.1.0', condition: 'primary.on' },
          dependencies[1] ?? {},
          { name: 'cache', version: '1.0.0', 'import-values': ['data'] },
          dependencies[3] ?? {},
        ],
      },
      subcharts: [db, { ...db, name: 'primary' }, { ...metrics, name: 'cache' }, labels],
    };
    await expectEqual(await compose(2, configs), expected);
  });

  it('one source under several names and depths renders as Helm renders aliases', async () => {
    const leaf = (user: string) => ({ package: source('db', '2.1.0'), _config: { user } });
    const configs = {
      package: source('metrics'),
      a: { ...leaf('a'), b: { ...leaf('b'), c: leaf('c'), d: leaf('d') } },
      primary: leaf('p'),
    };
    const bare = { ...db, manifest: {}, subcharts: [] };
    const alias = (name: string) => ({ name: 'db', version: '2.1.0', alias: name });
    const expected: TestChart = {
      ...part('app', {
        port: 9,
        a: { user: 'a', b: { user: 'b', c: { user: 'c' }, d: { user: 'd' } } },
        primary: { user: 'p' },
      }),
      manifest: { dependencies: [{ name: 'outer', version: '2.1.0', alias: 'a' }, alias('primary')] },
      files: { 'templates/show.yaml': show('metrics') },
      subcharts: [
        {
          ...bare,
          name: 'outer',
          manifest: { dependencies: [{ name: 'middle', version: '2.1.0', alias: 'b' }] },
          subcharts: [
            {
              ...bare,
              name: 'middle',
              manifest: { dependencies: [alias('c'), alias('d')] },
              subcharts: [bare],
            },
          ],
        },
        bare,
      ],
    };
    await expectEqual(await compose(3, configs), expected);
  });
});
