import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { packageFolder, programVersion } from '../../core/runtime/package-info.ts';
import { listOwnSettings, makeChartFiles } from '../../deploy/chart-files.ts';
import { describeValues } from '../../deploy/describe-values.ts';
import { readChartFile } from './render.ts';

it('the chart has README, schema, version and monitoring as `npm run docs` writes them', async () => {
  const made = await makeChartFiles();
  expect(made.length).toBeGreaterThanOrEqual(3);
  for (const { url, text } of made) expect(await readFile(url, 'utf8'), url.pathname).toBe(text);
});

it('the README of the chart has the recipe of deploy/platform.json', async () => {
  const recipe = await readFile(new URL('deploy/platform.json', packageFolder), 'utf8');
  expect(await readChartFile('README.md')).toContain(`\`\`\`json\n${recipe}\`\`\``);
});

it("the chart has the project's version", async () => {
  const manifest: unknown = parse(await readChartFile('Chart.yaml'));
  expect(manifest).toMatchObject({ version: programVersion, appVersion: programVersion });
});

it('the chart knows which settings its templates set', async () => {
  const own = await listOwnSettings();
  expect([...own]).toEqual(
    expect.arrayContaining([
      'DATABASE_URL',
      'S3_BUCKET',
      'ACCESS',
      'LISTEN',
      'WORKER_LISTEN',
      'METRICS_LISTEN',
    ]),
  );
  expect(own.has('LOG_LEVEL')).toBe(false);
});

it('describeValues makes a row of each value, and of each group with a comment', () => {
  const text = [
    '# First.',
    'a: 1',
    '# A group.',
    'b:',
    '  # A | bar.',
    '  c: []',
    '  d: { e: 1 }',
    'f:',
    '  g: x',
  ].join('\n');
  expect(describeValues(text).split('\n').slice(2)).toEqual([
    '| `a` | `1` | First. |',
    '| `b` |  | A group. |',
    '| `b.c` | `[]` | A \\| bar. |',
    '| `b.d` | `{"e":1}` |  |',
    '| `f.g` | `"x"` |  |',
  ]);
});
