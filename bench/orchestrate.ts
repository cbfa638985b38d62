import { parseArgs } from 'node:util';
import { serve } from '../test/support/process.ts';
import { describeMachine, makeDataDir, percentile, spread, uploadFolder } from './support.ts';

// Recipes of three charts each over HTTP, and listings of metadata meanwhile, against `serve` on its embedded default:
//   node --import tsx bench/orchestrate.ts --charts FOLDER [--recipes 300] [--width 16] [--listings 1000]

const { values } = parseArgs({
  options: {
    charts: { type: 'string' },
    recipes: { type: 'string', default: '300' },
    width: { type: 'string', default: '16' },
    listings: { type: 'string', default: '1000' },
  },
});
if (values.charts === undefined) throw new Error('--charts FOLDER: a folder of packaged charts is needed');
const recipes = Number(values.recipes);
const say = (line: string) => process.stdout.write(`${line}\n`);

const served = await serve({ DATA_DIR: await makeDataDir() });
const charts = await uploadFolder(served.url, 'lib', values.charts);
const source = (index: number) => {
  const [chart = '', version = ''] = charts[index % charts.length] ?? [];
  return { package: { independent: true, space: 'lib', chart, version }, _config: { index } };
};

const statuses = new Map<string, number>();
const count = (key: string) => statuses.set(key, (statuses.get(key) ?? 0) + 1);
const times: number[] = [];
const begun = performance.now();
const listing = spread(Number(values.listings), 4, async () => {
  const response = await fetch(`${served.url}/api/v1/spaces/lib/metadata?limit=20`);
  await response.arrayBuffer();
  count(`listing ${response.status}`);
});
await spread(recipes, Number(values.width), async (index) => {
  const started = performance.now();
  const response = await fetch(`${served.url}/api/v1/spaces/lib/charts`, {
    method: 'POST',
    headers: { Prefer: 'wait=60' },
    body: JSON.stringify({
      save: { chart: `composed-${index}`, version: '1.0.0' },
      configs: { ...source(index), one: source(index + 1), two: source(index + 2) },
    }),
  });
  await response.arrayBuffer();
  times.push(performance.now() - started);
  count(`recipe ${response.status}`);
});
const seconds = (performance.now() - begun) / 1000;
await listing;
times.sort((a, b) => a - b);

say(describeMachine());
say(
  `${recipes} recipes of three out of ${charts.length} charts, ${values.width} at a time: ${seconds.toFixed(1)} s`,
);
say(
  `  ${(recipes / seconds).toFixed(1)} a second, p50 ${percentile(times, 0.5).toFixed(0)} ms, p99 ${percentile(times, 0.99).toFixed(0)} ms`,
);
for (const [key, number] of [...statuses].sort()) say(`  ${key}: ${number}`);
await served.end('SIGTERM');
