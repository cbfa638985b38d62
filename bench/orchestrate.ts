import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { serve } from '../test/support/process.ts';
import { composeMany } from './compose-many.ts';
import { describeMachine, makeDataDir, percentile, spread, uploadFolder } from './support.ts';

// Recipes of three charts each over HTTP, and listings of metadata meanwhile, against `serve` on its embedded default:
//   npm run bench -- --charts FOLDER [--recipes 300] [--width 16] [--listings 1000]

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

const dataDir = await makeDataDir();
const served = await serve({ DATA_DIR: dataDir });
const charts = await uploadFolder(served.url, 'lib', values.charts);
const listings = new Map<number, number>();
const listing = spread(Number(values.listings), 4, async () => {
  const response = await fetch(`${served.url}/api/v1/spaces/lib/metadata?limit=20`);
  await response.arrayBuffer();
  listings.set(response.status, (listings.get(response.status) ?? 0) + 1);
});
const options = { name: 'composed', total: recipes, width: Number(values.width) };
const { seconds, times, statuses } = await composeMany([served.url], charts, options);
await listing;

say(describeMachine());
say(
  `${recipes} recipes of three out of ${charts.length} charts, ${values.width} at a time: ${seconds.toFixed(1)} s`,
);
say(
  `  ${(recipes / seconds).toFixed(1)} a second, p50 ${percentile(times, 0.5).toFixed(0)} ms, p99 ${percentile(times, 0.99).toFixed(0)} ms`,
);
for (const [status, number] of statuses) say(`  recipe ${status}: ${number}`);
for (const [status, number] of listings) say(`  listing ${status}: ${number}`);
await served.end('SIGTERM');
await rm(dataDir, { recursive: true, force: true });
