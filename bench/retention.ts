import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { createClient } from '../client/src/index.ts';
import { serve } from '../test/support/process.ts';
import { createRandom } from '../test/support/random.ts';
import { computeStaying, drawRules, drawVersions } from '../test/support/retention-oracle.ts';
import { fillRetention, listStored, listWrongCounts } from '../test/support/retention-rows.ts';
import { startPostgres } from '../test/support/servers/postgres.ts';
import { useBuilt } from './built.ts';
import { withDatabase } from './fill-registry.ts';
import { describeMachine, makeDataDir } from './support.ts';

// Applies random retention rules to many versions, and compares what stays with a computation of its own:
//
// npm run bench:retention -- [--versions 15000] [--charts 200] [--seed 1] [--rounds 3]
//
// A worker is killed in the middle of each run; another goes on. It prints the times of the preview and of the run, and
// ends with 1 where a version has gone that must stay, or stayed that must go.

const { values } = parseArgs({
  options: {
    versions: { type: 'string', default: '15000' },
    charts: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '3' },
  },
});
const count = Number(values.versions);
const print = (line: string) => process.stdout.write(`${line}\n`);
const seconds = (since: number) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

await useBuilt();
print(describeMachine());
const dataDir = await makeDataDir();
const postgres = await startPostgres();
const environment = { DATABASE_URL: postgres.url, DATA_DIR: dataDir };
// The interface alone: workers come and go below. `serve` migrates the database.
await (await serve(environment)).end('SIGTERM');
const api = await serve(environment, 'api');
await withDatabase(postgres.url, async (db) => {
  await db.query("UPDATE pull_recording SET since = '2020-01-01'");
  for (let round = 0; round < Number(values.rounds); round += 1) {
    const random = createRandom(Number(values.seed) + round);
    const space = `round-${round}`;
    const versions = drawVersions(random, Number(values.charts), count);
    await fillRetention(db, space, versions);
    await db.query('VACUUM ANALYZE');
    const rules = drawRules(random);
    const expected = computeStaying(rules, versions, 2_000);
    print(`${count} versions, of which ${expected.size} stay by ${JSON.stringify(rules)}`);
    const { retention } = createClient({ url: api.url }).space(space);
    await retention.set({ rules, mostDeleted: count, scheduled: false });

    const looked = performance.now();
    const previewed = new Set<string>();
    for await (const { chart, version, action } of retention.preview())
      if (action === 'keep') previewed.add(`${chart}/${version}`);
    print(`  preview of all: ${seconds(looked)}`);
    report('the preview', expected, previewed);

    const { id } = await retention.run();
    const started = performance.now();
    const killed = await serve(environment, 'worker');
    while ((await retention.readRun(id)).deleted === 0 && (await retention.readRun(id)).state === 'running');
    await killed.end('SIGKILL');
    print(`  worker killed after ${(await retention.readRun(id)).deleted} deletions`);
    const worker = await serve(environment, 'worker');
    while ((await retention.readRun(id)).state === 'running')
      await new Promise((resolve) => setTimeout(resolve, 200));
    const run = await retention.readRun(id);
    print(
      `  run: ${run.state}, ${run.deleted} deleted, ${seconds(started)} with the lease of the dead worker`,
    );
    report('the run', expected, await listStored(db, space));
    for (const name of await listWrongCounts(db)) fail(`the counts of ${name} are wrong`);
    await worker.end('SIGTERM');
  }
});
await api.end('SIGTERM');
await postgres.dispose();
await rm(dataDir, { recursive: true, force: true });

function report(who: string, expected: ReadonlySet<string>, found: ReadonlySet<string>): void {
  for (const name of expected) if (!found.has(name)) fail(`${who} lost ${name}, which must stay`);
  for (const name of found) if (!expected.has(name)) fail(`${who} kept ${name}, which must go`);
}

function fail(message: string): void {
  print(`  WRONG: ${message}`);
  process.exitCode = 1;
}
