import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { packChart } from '../test/support/charts.ts';
import { serve } from '../test/support/process.ts';
import { useBuilt } from './built.ts';
import { editChart } from './edit-chart.ts';
import { describeMachine, makeDataDir, percentile, readArchives, uploadAll } from './support.ts';

// Benchmarks comparisons of charts over HTTP: versions of one chart in a folder, each chart with an edited version of
// itself, each with the next one of the folder, and texts made to hold up the search for differences:
//
// npm run bench:compare -- --charts FOLDER [--runs 5]

const { values } = parseArgs({
  options: { charts: { type: 'string' }, runs: { type: 'string', default: '5' } },
});
if (values.charts === undefined) throw new Error('--charts FOLDER: a folder of packaged charts is needed');
const runs = Number(values.runs);
const print = (line: string) => process.stdout.write(`${line}\n`);

/** Names of a version, as `uploadAll` returns them. */
type Named = [chart: string, version: string];

/** Makes the next version of a chart: another number in every fifth template, and two more values. */
function edit(archive: Buffer): Promise<Buffer> {
  let templates = 0;
  return editChart(
    archive,
    (version) => `${version}-edited`,
    (path, text) => {
      if (path === 'values.yaml') return `benched: {a: 1}\n${text}last: true\n`;
      if (!path.startsWith('templates/') || ++templates % 5 !== 0) return undefined;
      return text.replace('\n', '\n# edited\n');
    },
  );
}

/** Makes two versions of a chart with a megabyte of lines in random order, which share all their lines. */
function makeHostile(): Promise<Buffer[]> {
  const lines = (seed: number) =>
    Array.from({ length: 250_000 }, (_, line) => Math.imul(line + seed, 0x9e3779b1) >>> 22).join('\n');
  return Promise.all(
    ['1.0.0', '2.0.0'].map((version, seed) =>
      packChart({ name: 'hostile', version, files: { 'files/lines.txt': lines(seed * 7919) } }),
    ),
  );
}

/** Asks for comparisons, one after the other. @returns a line with the times of whole answers */
async function measure(url: string, pairs: readonly (readonly [Named, Named])[]): Promise<string> {
  const times: number[] = [];
  let bytes = 0;
  for (const [[fromChart, from], [chart, to]] of pairs) {
    const path = `/api/v1/spaces/bench/charts/${fromChart}/versions/${from}/compare/${to}?chart=${chart}`;
    for (let run = 0; run < runs; run += 1) {
      const startedAt = performance.now();
      const response = await fetch(`${url}${path}`);
      const { byteLength } = await response.arrayBuffer();
      times.push(performance.now() - startedAt);
      if (!response.ok) throw new Error(`${path}: ${response.status}`);
      bytes = Math.max(bytes, byteLength);
    }
  }
  times.sort((left, right) => left - right);
  const [p50, p90, max] = [0.5, 0.9, 1].map((share) => percentile(times, share).toFixed(0));
  return `p50 ${p50} ms, p90 ${p90} ms, longest ${max} ms; ${pairs.length} pairs, answers up to ${(bytes / 1024).toFixed(0)} KiB`;
}

await useBuilt();
print(describeMachine());
const dataDir = await makeDataDir();
const api = await serve({ DATA_DIR: dataDir });
try {
  const archives = await readArchives(values.charts);
  const charts = await uploadAll(api.url, 'bench', archives);
  const edited = await uploadAll(api.url, 'bench', await Promise.all(archives.map(edit)));
  const [before, after] = await uploadAll(api.url, 'bench', await makeHostile());
  const next = (index: number): Named => charts[(index + 1) % charts.length] ?? ['', ''];
  const withNext = charts.map((chart, index) => [chart, next(index)] as const);
  // Starts the thread.
  await measure(api.url, withNext.slice(0, 1));
  const kinds: [string, (readonly [Named, Named])[]][] = [
    ['versions of one chart', withNext.filter(([[left], [right]]) => left === right)],
    ['edited versions', charts.map((chart, index) => [chart, edited[index] ?? chart] as const)],
    ['different charts', withNext],
    ['a megabyte of lines', before && after ? [[before, after]] : []],
  ];
  for (const [name, pairs] of kinds) {
    const line = pairs.length > 0 ? await measure(api.url, pairs) : 'none in the folder';
    print(`${name.padEnd(22)} ${line}`);
  }
} finally {
  await api.end('SIGTERM');
  await rm(dataDir, { recursive: true, force: true });
}
