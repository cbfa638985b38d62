import { randomBytes } from 'node:crypto';
import { packChart, type TestChart } from '../../test/support/charts.ts';
import { keys, space, type Target } from './kinds/kind.ts';
import { bombs } from './schema-bombs.ts';

/** Versions of the chart with large templates, and of that with large metadata. */
const versions = 40;

/** Stores the charts that hostile requests read and compose. */
export async function storeCharts({ client }: Pick<Target, 'client'>): Promise<void> {
  const store = async (into: string, chart: TestChart) => {
    const response = await client.upload(into, await packChart(chart));
    if (response.status !== 201)
      throw new Error(`${chart.name} was answered ${response.status}: ${await response.text()}`);
    await response.arrayBuffer();
  };
  for (const name of ['web', ...['many', 'fewer', 'deep', 'long'].map((kind) => `documents-${kind}`)])
    await store(space, { name, values: { replicas: 1 } });
  const template = Buffer.alloc(4_000_000, '#');
  const templates = { 'templates/a.yaml': template, 'templates/b.yaml': template };
  const description = 'd'.repeat(900_000);
  for (let number = 0; number < versions; number += 1) {
    const version = `1.0.${number}`;
    await store(space, { name: 'templates', version, files: templates });
    await store('large', { name: 'large', version, manifest: { description: `${number} ${description}` } });
  }
  for (const version of ['1.0.0', '1.0.1'])
    await store(space, { name: 'noise', version, files: { 'files/noise': randomBytes(4_500_000) } });
  for (const [version, seed] of [
    ['1.0.0', 0],
    ['2.0.0', 7919],
  ] as const) {
    await store(space, { name: 'lines', version, files: { 'files/lines.txt': makeLines(seed) } });
    await store(space, { name: 'files', version, files: makeFiles(version) });
    const values = Object.fromEntries(Object.entries(keys(60_000)).map(([key, at]) => [key, at + seed]));
    await store(space, { name: 'wide', version, values });
  }
  const name = 'n'.repeat(4_000_000);
  for (const text of ['one', 'two'])
    await store(space, {
      name: `names-${text}`,
      files: { 'templates/_names.tpl': `{{ define "${name}" }}${text}{{ end }}` },
    });
  for (const { name, schema } of bombs) {
    // Values that the schema takes at once: the costly ones come with requests.
    const files = { 'values.schema.json': schema };
    const response = await client.upload(space, await packChart({ name, files }));
    // A schema that is refused for its cost is refused at its upload already.
    await response.arrayBuffer();
  }
}

/** Makes a megabyte of lines in random order, of which all seeds share most. */
function makeLines(seed: number): string {
  return Array.from({ length: 250_000 }, (_, line) => Math.imul(line + seed, 0x9e3779b1) >>> 22).join('\n');
}

function makeFiles(version: string): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: 3_000 }, (_, index) => [`files/${index}.txt`, `${index}\n${version}\n`.repeat(20)]),
  );
}
