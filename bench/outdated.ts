import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { Database } from '../core/db/port.ts';
import { packChart } from '../test/support/charts.ts';
import { createClient, type TestClient } from '../test/support/client.ts';
import { fillComposed } from '../test/support/composed-rows.ts';
import { serve } from '../test/support/process.ts';
import { startPostgres } from '../test/support/servers/postgres.ts';
import { useBuilt } from './built.ts';
import { withDatabase } from './fill-registry.ts';
import { describeMachine, makeDataDir, percentile } from './support.ts';

// Benchmarks what tells which composed charts are up to date, on one process with a worker:
//
// npm run bench:outdated -- [--composed 10000] [--users 1000,10000] [--rounds 30]
//
// Every composed chart is in one space and has three sources. It prints the time of a page of ten of the space, by state; and
// for a chart that so many composed charts use, the time of an upload of its next version next to that of a chart which
// nothing uses, and the time until the states of all of them are right.

const { values } = parseArgs({
  options: {
    composed: { type: 'string', default: '10000' },
    users: { type: 'string', default: '1000,10000' },
    rounds: { type: 'string', default: '30' },
  },
});
const composed = Number(values.composed);
const rounds = Number(values.rounds);
const sources = 300;
const print = (line: string) => process.stdout.write(`${line}\n`);

await useBuilt();
print(describeMachine());
const dataDir = await makeDataDir();
const postgres = await startPostgres();
const environment = { DATABASE_URL: postgres.url, DATA_DIR: dataDir };
// `serve` migrates the database.
await (await serve(environment)).end('SIGTERM');
await withDatabase(postgres.url, async (db) => {
  await fillComposed(db, { space: 'lib', sources, versions: 20, teams: 1, composed });
  await db.query('VACUUM ANALYZE');
  const server = await serve(environment);
  const client = createClient([server.url]);
  const filled = await untilDone(db);
  print(`${composed} composed charts in one space: states made in ${filled.toFixed(1)} s`);
  await db.query('VACUUM ANALYZE');
  // A request with two queries, to tell how busy the machine is.
  print(
    `for comparison, dependents: ${await timePages(client, '/spaces/lib/charts/base-1/versions/1.19.0/dependents?')}`,
  );
  for (const state of ['', '&state=outdated', '&state=newer', '&state=current']) {
    const times = await timePages(client, `/spaces/team-00/outdated?limit=10${state}`);
    print(`a page of ten${state && `, ${state.slice(1)}`}: ${times}`);
  }
  for (const users of values.users.split(',').map(Number)) await measureUploads(db, client, users);
  await server.end('SIGTERM');
});
await postgres.dispose();
await rm(dataDir, { recursive: true, force: true });

/** Times pages that follow one another. */
async function timePages(client: TestClient, first: string): Promise<string> {
  const times: number[] = [];
  let next = first;
  for (let round = 0; round < rounds * 3; round += 1) {
    const startedAt = performance.now();
    const response = await client.api(next);
    await response.arrayBuffer();
    times.push(performance.now() - startedAt);
    if (!response.ok) throw new Error(`${next} was answered ${response.status}`);
    next = /<\/api\/v1([^>]+)>/.exec(response.headers.get('link') ?? '')?.[1] ?? next;
  }
  return describe(times);
}

/** Times uploads of a chart that many composed charts use, and of one that none uses, in turn. */
async function measureUploads(db: Database, client: TestClient, users: number): Promise<void> {
  const used = `used-${users}`;
  const idle = `idle-${users}`;
  for (const name of [used, idle]) await upload(client, name, '1.0.0');
  await db.query(
    `INSERT INTO lineage_sources (space, chart, version, version_id, digest)
     SELECT 'lib', $1, '1.0.0', version_id, 'x' FROM lineage ORDER BY version_id LIMIT $2`,
    [used, users],
  );
  await db.query(
    `UPDATE lineage SET sources = sources || (
       SELECT jsonb_agg(jsonb_build_object('pointer', '/configs/used/package', 'space', 'lib', 'chart', c.name,
                                           'requested', '^1', 'version', v.version, 'digest', v.digest))
         FROM versions v JOIN charts c ON c.id = v.chart_id WHERE c.name = $1)
      WHERE version_id IN (SELECT version_id FROM lineage_sources WHERE chart = $1)`,
    [used],
  );
  const times = { used: [] as number[], idle: [] as number[] };
  for (let round = 1; round <= rounds; round += 1) {
    times.idle.push(await upload(client, idle, `1.${round}.0`));
    times.used.push(await upload(client, used, `1.${round}.0`));
  }
  await untilDone(db);
  await upload(client, used, '1.999.0');
  const seconds = await untilDone(db);
  print(`upload of a chart that nothing uses: ${describe(times.idle)}`);
  print(`upload of a chart that ${users} composed charts use: ${describe(times.used)}`);
  print(`  the states of all of them are right ${seconds.toFixed(1)} s after it`);
}

async function upload(client: TestClient, name: string, version: string): Promise<number> {
  const archive = await packChart({ name, version });
  const startedAt = performance.now();
  const response = await client.upload('lib', archive);
  await response.arrayBuffer();
  if (response.status !== 201) throw new Error(`${name} ${version} was answered ${response.status}`);
  return performance.now() - startedAt;
}

/** Waits until the worker has acted on every change, and made every state anew. @returns seconds */
async function untilDone(db: Database): Promise<number> {
  const startedAt = performance.now();
  for (;;) {
    const [left] = await db.query('SELECT FROM version_events UNION ALL SELECT FROM state_work LIMIT 1');
    if (!left) return (performance.now() - startedAt) / 1000;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function describe(times: readonly number[]): string {
  const sorted = [...times].sort((a, b) => a - b);
  return `median ${percentile(sorted, 0.5).toFixed(1)} ms, p90 ${percentile(sorted, 0.9).toFixed(1)} ms`;
}
