import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { catalogWords, fillCatalog } from '../test/support/catalog-rows.ts';
import { type Served, serve } from '../test/support/process.ts';
import { startPostgres } from '../test/support/servers/postgres.ts';
import { useBuilt } from './built.ts';
import { finishFilling, withDatabase } from './fill-registry.ts';
import { describeMachine, makeDataDir, percentile } from './support.ts';

// Benchmarks searches as a person makes them, on one process without a worker:
//
// npm run bench:search -- [--versions 15000,100000] [--rounds 10]
//
// Words are typed letter by letter, right and with a typing error, and each letter is a search for the first ten charts. The
// same is asked for with facets; and all charts are listed, narrowed, and counted. It prints p50 and p99 of a request.

const { values } = parseArgs({
  options: {
    versions: { type: 'string', default: '15000,100000' },
    rounds: { type: 'string', default: '10' },
  },
});
const rounds = Number(values.rounds);
const print = (line: string) => process.stdout.write(`${line}\n`);

/** Misspelt beginnings and all of the right ones, as they are typed. */
function typed(words: readonly string[]): string[] {
  return words.flatMap((word) => [...word].map((_, index) => `q=${word.slice(0, index + 1)}`));
}

const misspelt = ['postgrse', 'ngnix', 'keyclaok', 'redsi', 'promethues', 'grfana'];
const searches: [name: string, queries: string[]][] = [
  ['typed letter by letter', typed(catalogWords)],
  ['typed with an error', typed(misspelt)],
  ['misspelt words', misspelt.map((word) => `q=${word}`)],
  ['a word of every chart', ['q=chart', 'q=chart&sort=updated', 'q=chart&sort=name&start=500']],
  ['all charts', ['', 'sort=updated', 'start=500', 'start=500&order=desc']],
  ['narrowed', ['keyword=database', 'type=library', 'deprecated=true', 'signed=true', 'space=space-7']],
  ['facets, letter by letter', typed(catalogWords).map((query) => `${query}&facets=true`)],
  [
    'facets of all charts',
    ['facets=true', 'facets=true&keyword=database&type=application', 'facets=true&q=chart&space=space-7'],
  ],
];

async function measure(versions: number): Promise<void> {
  const dataDir = await makeDataDir();
  const postgres = await startPostgres();
  const environment = { DATABASE_URL: postgres.url, DATA_DIR: dataDir, LOG_LEVEL: 'info' };
  try {
    // `serve` migrates the database.
    await (await serve(environment)).end('SIGTERM');
    await withDatabase(postgres.url, async (db) => {
      await fillCatalog(db, { versions });
      await finishFilling(db);
    });
    print(`${versions} versions, ten of each chart:`);
    const registry = await serve(environment, 'api');
    try {
      for (const [name, queries] of searches) await measureSearches(registry, name, queries);
    } finally {
      await registry.end('SIGTERM');
    }
  } finally {
    await postgres.dispose();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function measureSearches({ url }: Served, name: string, queries: readonly string[]): Promise<void> {
  const times: number[] = [];
  const slowest = { query: '', time: 0 };
  // The first round warms up.
  for (let round = 0; round <= rounds; round += 1) {
    for (const query of queries) {
      const startedAt = performance.now();
      const response = await fetch(`${url}/api/v1/search?${query}`);
      const text = await response.text();
      const time = performance.now() - startedAt;
      if (response.status !== 200) throw new Error(`${query} was answered ${response.status}: ${text}`);
      if (round === 0) continue;
      times.push(time);
      if (time > slowest.time) Object.assign(slowest, { query, time });
    }
  }
  const sorted = times.sort((left, right) => left - right);
  const [p50, p99] = [0.5, 0.99].map((share) => `${percentile(sorted, share).toFixed(1)} ms`);
  print(
    `${name.padEnd(26)} p50 ${p50}, p99 ${p99}; slowest ${slowest.time.toFixed(1)} ms: ?${slowest.query}`,
  );
}

await useBuilt();
print(describeMachine());
for (const versions of values.versions.split(',').map(Number)) await measure(versions);
