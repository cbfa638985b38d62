import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { defaultChartLimits } from '../../core/archive/limits.ts';
import { computeValues } from '../../core/chart/compute-values.ts';
import { readChart } from '../../core/chart/read-chart.ts';
import { isObject, type JsonObject } from '../../core/yaml/json.ts';
import { packChart } from '../support/charts.ts';
import { describeHelms } from '../support/helm/describe-helms.ts';
import { type Helm, runHelm } from '../support/helm/program.ts';
import { makeRandomCase, type RandomCase, valuesTemplate } from '../support/helm/random-charts.ts';
import { createRandom } from '../support/random.ts';

/** Number of charts to compare; `VALUES_CHARTS` sets another, `VALUES_FIRST` the number of the first chart. */
const count = Number(process.env.VALUES_CHARTS ?? 25);
const first = Number(process.env.VALUES_FIRST ?? 1);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'helm-registry-values-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Reads the values that `helm template` prints; undefined where Helm fails. */
async function renderValues(helm: Helm, archive: Buffer, given: JsonObject): Promise<unknown> {
  const chart = join(folder, `chart-${helm.major}.tgz`);
  const file = join(folder, `given-${helm.major}.json`);
  await writeFile(chart, archive);
  await writeFile(file, JSON.stringify(given));
  const { passed, stdout } = await runHelm(helm, ['template', 'r', chart, '-f', file], folder);
  const line = stdout.split('\n').find((text) => text.startsWith('values: '));
  return passed && line !== undefined ? JSON.parse(line.slice('values: '.length)) : undefined;
}

/** Checks that computed values are those that Helm shows, and that it fails where a section is not a map. */
async function compareWithHelm(helm: Helm, { chart, given }: RandomCase, label: string): Promise<void> {
  const archive = await packChart(chart);
  const read = await readChart(Readable.from([archive]), defaultChartLimits);
  const { values, mismatches } = computeValues(read, { major: helm.major, userValues: given });
  const rendered = await renderValues(helm, archive, given);
  if (isObject(rendered)) expect(values, label).toEqual(rendered);
  expect(mismatches.length === 0, `${label} is one that Helm renders`).toBe(isObject(rendered));
}

/** Makes a chart that prints its values, with two subcharts of which one may have the other's name. */
function printing(values: JsonObject, dependency: JsonObject): RandomCase['chart'] {
  return {
    ...{ name: 'root', values, files: { 'templates/v.yaml': valuesTemplate } },
    manifest: { dependencies: [{ version: '1.0.0', ...dependency }] },
    subcharts: [
      { name: 'a', subcharts: [{ name: 'leaf' }] },
      { name: 'b', values: { global: { k: [1] } } },
    ],
  };
}

describeHelms('computed values', (helm) => {
  it('computed values are those that templates get, of charts that are nearly plain', async () => {
    const global = { x: 1 };
    const cases: RandomCase[] = [
      { chart: printing({}, { name: 'b', alias: 'a' }), given: {} },
      { chart: printing({ global }, { name: 'a' }), given: { global: { x: { z: 1 }, k: {} } } },
      { chart: printing({ global }, { name: 'b' }), given: { global: { x: { z: 1 }, k: {} } } },
      { chart: printing({ global }, { name: 'b' }), given: { global: 5 } },
    ];
    for (const [index, one] of cases.entries()) await compareWithHelm(helm, one, `case ${index}`);
  });

  it(
    `computed values are those that templates get, of ${count} charts made at random from number ${first}`,
    async () => {
      for (let seed = first; seed < first + count; seed += 1)
        await compareWithHelm(helm, makeRandomCase(createRandom(seed)), `chart ${seed}`);
    },
    Math.max(60_000, count * 3_000),
  );
});
