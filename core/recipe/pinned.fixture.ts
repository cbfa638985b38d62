import { gunzipSync } from 'node:zlib';
import { defaultChartLimits } from '../archive/limits.ts';
import { digestOf } from '../blobs/content.ts';
import { prepareChart } from '../chart/prepare.ts';
import { makeChart, makePlan, type NodeSpec } from './compose.fixture.ts';
import { composePrepared } from './compose-prepared.ts';

// Recipes whose digests a test pins; as a program, it prints them.

const makeLines = (count: number, word: string): string =>
  Array.from({ length: count }, (_, line) => `# ${word} ${line * line} of ${count}\n`).join('');

const valuesYaml = `${makeLines(900, 'about')}replicas: 1\n${makeLines(900, 'more')}auth:\n  user: me\n${makeLines(900, 'end')}`;
const web = makeChart({
  name: 'web',
  values: valuesYaml,
  files: {
    'README.md': makeLines(3_000, 'web'),
    'templates/a.yaml': makeLines(40, 'a'),
    'crds/ü.yaml': makeLines(30, 'b'),
  },
});
const db = makeChart({ name: 'db', values: valuesYaml, files: { 'README.md': makeLines(2_500, 'db') } });
const smallChart = makeChart({ name: 'small', values: 'a: 1\n', files: { 'templates/x.yaml': 'x\n' } });

const recipes: NodeSpec[] = [
  { chart: web },
  { chart: web, config: { replicas: 3, added: { b: [1], a: 'x' } }, children: { db: { chart: db } } },
  {
    chart: smallChart,
    config: { a: null },
    children: {
      one: { chart: web, config: { auth: { user: 'you' } }, children: { small: { chart: smallChart } } },
      two: { chart: web, config: { replicas: null } },
    },
  },
];

/** Computes the digests of each recipe's archive, packed and unpacked. */
export async function digestPinnedRecipes(): Promise<{ packed: string; unpacked: string }[]> {
  const pinned = [];
  for (const recipe of recipes) {
    const { plan, sources } = makePlan(recipe, { description: 'pinned' });
    const ready = [...sources].map(
      ([digest, chart]) => [digest, { chart, prepared: prepareChart(chart) }] as const,
    );
    const { archive } = await composePrepared(plan, new Map(ready), defaultChartLimits);
    pinned.push({ packed: digestOf(archive), unpacked: digestOf(gunzipSync(archive)) });
  }
  return pinned;
}

if (process.argv[1] === import.meta.filename)
  process.stdout.write(JSON.stringify(await digestPinnedRecipes()));
