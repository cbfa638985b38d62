import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { createClient } from './support/client.ts';
import { type Served, serve } from './support/process.ts';

let dataDir: string;
let served: Served;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'registry-postgres-dies-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  served = await serve({ DATA_DIR: dataDir, API_PROCESSES: '2' });
  onTestFinished(async () => expect(await served.end('SIGTERM')).toBe(0));
});

const job = z.object({ id: z.string(), state: z.string() });

/** Reads the process id of the embedded PostgreSQL; empty while none runs. */
async function readPid(): Promise<string> {
  const text = await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').catch(() => '');
  return text.split('\n')[0] ?? '';
}

async function killPostgres(): Promise<string> {
  const pid = await readPid();
  process.kill(Number(pid), 'SIGKILL');
  return pid;
}

it('a killed embedded PostgreSQL is started again: requests meanwhile are 503, and jobs survive', {
  timeout: 180_000,
}, async () => {
  const client = createClient([served.url]);
  expect((await client.upload('lib', { name: 'web' })).status).toBe(201);
  const accepted: z.output<typeof job>[] = [];
  const pids = new Set<string>();
  for (let round = 0; round < 3; round += 1) {
    const recipe = {
      save: { chart: 'shop', version: `1.0.${round}` },
      configs: { package: { independent: true, space: 'lib', chart: 'web', version: '1.0.0' } },
    };
    // Each broken connection in the pool answers 503 once more. The idempotency key makes repeating the recipe safe.
    const headers = { Prefer: 'wait=0', 'Idempotency-Key': `round-${round}` };
    let answer = await client.orchestrate('lib', recipe, headers);
    await expect
      .poll(
        async () => {
          if (answer.status === 503) answer = await client.orchestrate('lib', recipe, headers);
          return answer.status;
        },
        { timeout: 20_000, interval: 50 },
      )
      .toBe(202);
    accepted.push(job.parse(await answer.json()));
    const killed = await killPostgres();
    pids.add(killed);
    // A job is read from the database, not from a cache.
    await expect
      .poll(
        async () => {
          const { status, headers } = await client.api(`/jobs/${accepted[0]?.id}`);
          if (status !== 200) expect([status, headers.get('retry-after')]).toEqual([503, '1']);
          // Backends of the killed server may still answer for a moment.
          const pid = await readPid();
          return status === 200 && pid !== '' && pid !== killed;
        },
        { timeout: 30_000, interval: 20 },
      )
      .toBe(true);
  }
  expect(pids.size).toBe(3);
  for (const { id } of accepted) {
    // The end of the job is notified on the LISTEN connection, which has reconnected.
    await expect
      .poll(async () => job.parse(await (await client.api(`/jobs/${id}`)).json()).state, { timeout: 40_000 })
      .toBe('succeeded');
  }
  const last = {
    save: { chart: 'shop', version: '2.0.0' },
    configs: { package: { independent: true, space: 'lib', chart: 'web', version: '1.0.0' } },
  };
  const composeLast = async () =>
    (await client.orchestrate('lib', last, { Prefer: 'wait=30', 'Idempotency-Key': 'last' })).status;
  await expect.poll(composeLast, { timeout: 20_000, interval: 50 }).toBe(201);
});
