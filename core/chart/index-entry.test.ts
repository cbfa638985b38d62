import { describe, expect, it } from 'vitest';
import { packChart, type TestChart } from '../../test/support/charts.ts';
import { defaultChartLimits } from '../archive/limits.ts';
import { readableOf } from '../blobs/content.ts';
import { parseYamlMap } from '../yaml/yaml.ts';
import { renderEntry } from './index-entry.ts';
import { summarizeArchive } from './read-chart.ts';

const digest = `sha256:${'0f'.repeat(32)}`;
const created = new Date('2026-01-02T03:04:05.678Z');

async function renderOf(chart: TestChart): Promise<string> {
  const { helmMetadata, name, version } = await summarizeArchive(
    readableOf(await packChart(chart)),
    defaultChartLimits,
  );
  return renderEntry(helmMetadata, { chart: name, version }, digest, created);
}

describe('renderEntry', () => {
  it('renderEntry has the fields that Helm knows, the URL, the time and the digest', async () => {
    const rendered = await renderOf({
      name: 'web-2',
      version: '1.0.0+b.1',
      manifest: { appversion: 1.2, keywords: ['a'], maintainers: [{ name: 'Jo', email: 'jo@x.test' }] },
    });
    expect(JSON.parse(rendered)).toEqual({
      apiVersion: 'v2',
      name: 'web-2',
      version: '1.0.0+b.1',
      appVersion: '1.2',
      keywords: ['a'],
      maintainers: [{ name: 'Jo', email: 'jo@x.test' }],
      urls: ['charts/web-2-1.0.0+b.1.tgz'],
      created: '2026-01-02T03:04:05.678Z',
      digest: '0f'.repeat(32),
    });
  });

  it('renderEntry omits keys that Helm does not know, at every level, and empty ones', async () => {
    const rendered = await renderOf({
      name: 'web',
      manifest: {
        extra: { a: 1 },
        urls: ['elsewhere'],
        digest: 'none',
        home: null,
        maintainers: [{ name: 'Jo', chat: '@jo' }],
        dependencies: [{ name: 'db', version: '1.x', repository: 'https://x.test', note: 'mine' }],
      },
    });
    expect(JSON.parse(rendered)).toEqual({
      apiVersion: 'v2',
      name: 'web',
      version: '1.0.0',
      maintainers: [{ name: 'Jo' }],
      dependencies: [{ name: 'db', version: '1.x', repository: 'https://x.test' }],
      urls: ['charts/web-1.0.0.tgz'],
      created: '2026-01-02T03:04:05.678Z',
      digest: '0f'.repeat(32),
    });
  });

  it('renderEntry lists declared dependencies, not the charts inside; for a v1 chart those of requirements.yaml', async () => {
    const rendered = await renderOf({
      name: 'web',
      manifest: { apiVersion: 'v1' },
      files: { 'requirements.yaml': 'dependencies: [{name: db, version: ">=1", alias: store}]' },
      subcharts: [{ name: 'db', version: '1.2.3' }],
    });
    expect(JSON.parse(rendered).dependencies).toEqual([{ name: 'db', version: '>=1', alias: 'store' }]);
  });

  it('renderEntry writes text that YAML and JSON read alike', async () => {
    const description = 'yes \u007f \u0085 \u2028 \ufeff \u{1f600} "quoted" \\ é';
    const rendered = await renderOf({ name: 'web', manifest: { annotations: { description } } });
    expect(rendered).not.toMatch(/[\u007f-\u009f\u2028\ufeff]/);
    expect(JSON.parse(rendered).annotations).toEqual({ description });
    expect(parseYamlMap(rendered, { file: 'index', code: 'values.invalid' }).annotations).toEqual({
      description,
    });
  });
});
