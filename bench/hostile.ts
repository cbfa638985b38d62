import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { packChart } from '../test/support/charts.ts';
import { createClient } from '../test/support/client.ts';
import { cliOutput, serve } from '../test/support/process.ts';
import { startPostgres } from '../test/support/servers/postgres.ts';
import { useBuilt } from './built.ts';
import { watchHealth } from './hostile/health.ts';
import { makeHostileRequests } from './hostile/requests.ts';
import { readPeakMemory } from './process-stats.ts';
import { describeMachine, makeDataDir } from './support.ts';

// Benchmarks requests that are made to block a registry, on `serve` with API and worker in one process, by the
// longest health check meanwhile; each kind three times alone, or all kinds among good requests for some minutes:
//
// npm run bench:hostile -- [--minutes 60] [--port 18140]

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '0' }, port: { type: 'string', default: '0' } },
});
const minutes = Number(values.minutes);
const print = (line: string) => process.stdout.write(`${line}\n`);

await useBuilt();
print(describeMachine());
const dataDir = await makeDataDir();
const postgres = await startPostgres();
const environment = {
  DATABASE_URL: postgres.url,
  DATA_DIR: dataDir,
  LOG_LEVEL: 'info',
  LISTEN: `127.0.0.1:${values.port}`,
};
const registry = await serve(environment);
registry.process.stdout?.resume();
const health = watchHealth(registry.url);
try {
  const client = createClient([registry.url]);
  const packed = await packChart({ name: 'web', values: { replicas: 1 } });
  const first = await client.upload('bench', packed);
  if (first.status !== 201) throw new Error(`the first upload was answered ${first.status}`);
  const hostile = await makeHostileRequests(registry.url);
  await health.readAndReset();
  if (minutes === 0) await oneByOne();
  else await together();
  print(`most memory: ${(await readPeakMemory(registry.process.pid ?? 'self')).toFixed(0)} MiB`);
  const verified = await cliOutput(['verify'], environment);
  print(`verify: ${verified.code === 0 ? 'clean' : verified.stdout}`);

  async function oneByOne(): Promise<void> {
    for (const { name, send } of hostile) {
      const checks: string[] = [];
      const statuses = new Set<number>();
      for (let round = 0; round < 3; round += 1) {
        statuses.add(await send(round));
        checks.push((await health.readAndReset()).maxMs.toFixed(0));
      }
      print(
        `${name.padEnd(30)} ${[...statuses].join(' ').padEnd(8)} longest health check ${checks.join(', ')} ms`,
      );
    }
  }

  async function together(): Promise<void> {
    const end = performance.now() + minutes * 60_000;
    const answers = new Map<number, number>();
    let good = 0;
    const count = (status: number) => answers.set(status, (answers.get(status) ?? 0) + 1);
    const attack = async (from: number) => {
      for (let round = from; performance.now() < end; round += 4) {
        const request = hostile[round % hostile.length];
        // A connection that is closed while its body is sent counts as 0: the client provoked that.
        if (request) count(await request.send(1_000 + round).catch(() => 0));
      }
    };
    const behave = async () => {
      for (let number = 0; performance.now() < end; number += 1) {
        const answer = await client.upload('good', { name: 'good', version: `1.0.${number}` });
        if (answer.status !== 201) throw new Error(`a good upload was answered ${answer.status}`);
        await (await client.api('/spaces/good/charts?limit=10')).arrayBuffer();
        good += 2;
      }
    };
    await Promise.all([...[0, 1, 2, 3].map(attack), behave()]);
    const { maxMs, failed } = await health.readAndReset();
    const statusCounts = [...answers].map(([status, times]) => `${times} x ${status}`).join(', ');
    print(
      `${minutes} minutes: ${statusCounts}; ${good} good ones; longest health check ${maxMs.toFixed(0)} ms, ${failed} failed`,
    );
  }
} finally {
  await health.close();
  const code = await registry.end('SIGTERM');
  print(code === 0 ? 'the process ended cleanly' : `THE PROCESS ENDED WITH ${code}`);
  await postgres.dispose();
  await rm(dataDir, { recursive: true, force: true });
}
