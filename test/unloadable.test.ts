import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packArchive } from '../core/archive/write-archive.ts';
import { errorOf } from './support/answers.ts';
import { packChart, type TestChart } from './support/charts.ts';
import { chartForm } from './support/client.ts';
import { openRepository } from './support/oci.ts';
import { startRegistry, type TestRegistry } from './support/registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry({}, { worker: false });
  expect((await registry.upload('lib', { name: 'web' })).status).toBe(201);
});
afterAll(() => registry.close());

/** Requests that store an archive, by interface. */
const doors: Record<string, (archive: Buffer) => Promise<Response>> = {
  upload: (archive) => registry.upload('lib', archive),
  replacement: (archive) =>
    registry.api('/spaces/lib/charts/web/versions/1.0.0', { method: 'PUT', body: chartForm(archive) }),
  ChartMuseum: (archive) =>
    registry.request('/api/lib/charts?force', { method: 'POST', body: new Uint8Array(archive) }),
  OCI: async (archive) => (await openRepository(registry, 'lib/web').pushChart(archive, '1.0.0')).response,
};

const x = (version: string): TestChart => ({ name: 'x', version });
const unloadable: [string, () => Promise<Buffer> | Buffer, string][] = [
  ['a Chart.lock that is no YAML', () => packWeb({ 'Chart.lock': 'dependencies: [' }), 'Chart.lock'],
  [
    'a Chart.lock of a wrong time',
    () => packWeb({ 'Chart.lock': 'generated: soon' }),
    'generated must be a time',
  ],
  ['a requirements.lock that is a list', () => packWeb({ 'requirements.lock': '- 1' }), 'requirements.lock'],
  ['another name in requirements.yaml', () => packWeb({ 'requirements.yaml': 'name: b' }), 'takes the place'],
  [
    'an apiVersion that Helm 4 does not load',
    () => packChart({ name: 'web', manifest: { apiVersion: 'v3' } }),
    'apiVersion',
  ],
  [
    'two charts of one name inside',
    async () =>
      packWeb({
        'charts/x-1.tgz': await packChart(x('1.0.0')),
        'charts/x-2.tgz': await packChart(x('2.0.0')),
      }),
    'x 1.0.0 and x 2.0.0',
  ],
  ['a text in charts/', () => packWeb({ 'charts/README.md': 'text' }), 'charts/README.md'],
  [
    'a comment in Latin-1 in values.yaml',
    () => packWeb({ 'values.yaml': Buffer.from('# caf\xe9\na: 1\n', 'latin1') }),
    'UTF-8',
  ],
  [
    'a description in Latin-1 in Chart.yaml',
    () =>
      packArchive('web', [
        [
          'Chart.yaml',
          Buffer.from('apiVersion: v2\nname: web\nversion: 1.0.0\ndescription: caf\xe9 x\n', 'latin1'),
        ],
      ]),
    'UTF-8',
  ],
  ['a tab before a comment', () => packWeb({ 'values.yaml': 'a: 1\n\t# tuned\nb: 2\n' }), 'values.yaml'],
  ['a line of a tab', () => packWeb({ 'values.yaml': 'a:\n  b: 1\n\t\n  c: 2\n' }), 'values.yaml'],
  ['an escaped slash', () => packWeb({ 'values.yaml': '{"u":"http:\\/\\/x"}\n' }), 'values.yaml'],
  ['escaped surrogates', () => packWeb({ 'values.yaml': '{"s":"\\ud83d\\ude00"}\n' }), 'values.yaml'],
  ['a thousand documents and more', () => packWeb({ 'values.yaml': '---\n'.repeat(5000) }), '1000 documents'],
];

function packWeb(files: Record<string, string | Buffer>): Promise<Buffer> {
  return packChart({ name: 'web', files });
}

describe.each(Object.keys(doors))('the interface %s', (door) => {
  it.each(unloadable)('a chart that Helm cannot load is refused: %s', async (_name, pack, message) => {
    const before = await (await registry.request('/lib/index.yaml')).text();
    const refused = await doors[door]?.(await pack());
    expect(refused?.status).toBe(400);
    expect(await refused?.text()).toContain(message);
    expect(await (await registry.request('/lib/index.yaml')).text()).toBe(before);
  });
});

it('charts that Helm cannot load are refused each with its code', async () => {
  const codes = await Promise.all(
    unloadable.map(async ([, pack]) => (await errorOf(await registry.upload('lib', await pack()))).code),
  );
  expect(codes).toEqual([
    'chart.invalid',
    'chart.invalid',
    'chart.invalid',
    'chart.invalid',
    'chart.invalid',
    'archive.ambiguous',
    'chart.invalid',
    'values.invalid',
    'chart.invalid',
    ...Array(5).fill('values.invalid'),
  ]);
});
