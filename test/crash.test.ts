import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { jobOf, jobsOf, namesOf } from './support/answers.ts';
import { packChart } from './support/charts.ts';
import { createClient } from './support/client.ts';
import { type Served, serve } from './support/process.ts';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'registry-crash-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
});

const submit = (
  served: Served,
  number: number,
  headers: Record<string, string> = {},
  config: Record<string, number> = {},
) =>
  fetch(`${served.url}/api/v1/spaces/lib/charts`, {
    method: 'POST',
    headers,
    body: JSON.stringify({
      save: { chart: `made-${number}`, version: '1.0.0' },
      configs: {
        package: { independent: true, space: 'lib', chart: 'web', version: '1.0.0' },
        _config: config,
      },
    }),
  });

it('every accepted job succeeds once, although the process is killed while it works', async () => {
  const first = await serve({ DATA_DIR: dataDir, LOG_LEVEL: 'info' });
  const archive = await packChart({ name: 'web', files: { big: Buffer.alloc(2_000_000, 'x') } });
  await createClient([first.url]).upload('lib', archive);

  const accepted: string[] = [];
  const sending = Array.from({ length: 60 }, async (_, number) => {
    const response = await submit(first, number).catch(() => undefined);
    if (response?.status === 202) accepted.push((await jobOf(response)).id);
  });
  // Kill as soon as some jobs are done, with others queued, running, or being accepted.
  for (;;) {
    const done = await jobsOf(await fetch(`${first.url}/api/v1/jobs?state=succeeded`));
    if (done.metadata.total > 3) break;
  }
  await first.end('SIGKILL');
  await Promise.all(sending);
  expect(accepted.length).toBeGreaterThan(3);

  const second = await serve({ DATA_DIR: dataDir });
  // A job may have been accepted although its client got no response.
  const all = await jobsOf(await fetch(`${second.url}/api/v1/jobs?limit=1000`));
  const ids = all.items.map(({ id }) => id);
  expect(ids).toEqual(expect.arrayContaining(accepted));
  const finals = await Promise.all(
    ids.map(async (id) => {
      // The stream ends with the job.
      await (await fetch(`${second.url}/api/v1/jobs/${id}/events`)).text();
      return jobOf(await fetch(`${second.url}/api/v1/jobs/${id}`));
    }),
  );
  expect(finals.map((job) => job.state)).toEqual(ids.map(() => 'succeeded'));
  for (const job of finals) {
    const versions = await namesOf(
      await fetch(`${second.url}/api/v1/spaces/lib/charts/${job.chart}/versions`),
    );
    expect(versions.items).toEqual(['1.0.0']);
  }
  // The space can only be deleted when no reservation is left.
  expect((await fetch(`${second.url}/api/v1/spaces/lib`, { method: 'DELETE' })).status).toBe(204);
  expect(await second.end('SIGTERM')).toBe(0);
}, 120_000);

it('a chart that a client waits for is stored whole or not at all, although the process is killed', async () => {
  const first = await serve({ DATA_DIR: dataDir });
  await createClient([first.url]).upload('lib', await packChart({ name: 'web' }));
  const waited = { Prefer: 'wait=30' };
  // The first recipe loads the source into the source cache.
  expect((await submit(first, 0, waited)).status).toBe(201);

  const made: number[] = [];
  const killed = new AbortController();
  let ended: Promise<unknown> | undefined;
  const senders = Array.from({ length: 16 }, async (_, sender) => {
    for (let number = sender + 1; !killed.signal.aborted; number += 16) {
      const response = await submit(first, number, waited).catch(() => undefined);
      if (response?.status === 201) made.push(number);
      // The other senders have requests under way then.
      if (made.length >= 100 && !killed.signal.aborted) {
        killed.abort();
        ended = first.end('SIGKILL');
      }
    }
  });
  await Promise.all(senders);
  await ended;

  const second = await serve({ DATA_DIR: dataDir });
  const read = (path: string) => fetch(`${second.url}/api/v1${path}`);
  const charts = new Set<string>();
  for (let start = 0, total = 1; start < total; start += 100) {
    const page = await namesOf(await read(`/spaces/lib/charts?start=${start}&limit=100`));
    for (const name of page.items) charts.add(name);
    total = page.metadata.total;
  }
  expect(made.filter((number) => !charts.has(`made-${number}`))).toEqual([]);
  // Each chart has a succeeded job, and no job is unfinished.
  const succeeded = await jobsOf(await read('/jobs?state=succeeded&limit=1'));
  expect(succeeded.metadata.total).toBe(charts.size - 1);
  for (const state of ['queued', 'running'])
    expect((await jobsOf(await read(`/jobs?state=${state}`))).metadata.total).toBe(0);
  for (const name of charts) {
    const archive = await read(`/spaces/lib/charts/${name}/versions/1.0.0`);
    expect((await archive.arrayBuffer()).byteLength).toBeGreaterThan(0);
  }
  expect(await second.end('SIGTERM')).toBe(0);
}, 120_000);

it('uploads that share a transaction are stored and counted whole or not at all, although the process is killed', async () => {
  const first = await serve({ DATA_DIR: dataDir });
  const client = createClient([first.url]);
  await client.upload('lib', await packChart({ name: 'web' }));
  const archives = await Promise.all(
    Array.from({ length: 240 }, (_, n) => packChart({ name: `c${n % 5}`, version: `1.0.${n}` })),
  );
  const stored: number[] = [];
  const killed = new AbortController();
  let ended: Promise<unknown> | undefined;
  const senders = Array.from({ length: 16 }, async (_, sender) => {
    for (let number = sender; number < archives.length && !killed.signal.aborted; number += 16) {
      const response = await client.upload('lib', archives[number] ?? Buffer.alloc(0)).catch(() => undefined);
      if (response?.status === 201) stored.push(number);
      // The other senders have uploads under way then.
      if (stored.length >= 60 && !killed.signal.aborted) {
        killed.abort();
        ended = first.end('SIGKILL');
      }
    }
  });
  await Promise.all(senders);
  await ended;

  const second = await serve({ DATA_DIR: dataDir });
  const read = async (path: string) => (await fetch(`${second.url}${path}`)).text();
  const index = await read('/lib/index.yaml');
  const versions = new Set([...index.matchAll(/charts\/c\d-1\.0\.(\d+)\.tgz/g)].map(([, n]) => Number(n)));
  expect(stored.filter((number) => !versions.has(number))).toEqual([]);
  const space = Object(JSON.parse(await read('/api/v1/spaces/lib')));
  expect(space).toMatchObject({ charts: 6, versions: versions.size + 1 });
  for (const number of versions) {
    const archive = await fetch(`${second.url}/lib/charts/c${number % 5}-1.0.${number}.tgz`);
    expect(Buffer.from(await archive.arrayBuffer()).equals(archives[number] ?? Buffer.alloc(0))).toBe(true);
  }
  expect(await second.end('SIGTERM')).toBe(0);
}, 120_000);

it('a heavy recipe whose process is killed during its composition is composed after a restart', async () => {
  const first = await serve({ DATA_DIR: dataDir });
  await createClient([first.url]).upload('lib', await packChart({ name: 'web' }));
  const heavy = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`key-${index}`, index]));
  const numbers = [1, 2, 3, 4, 5, 6];
  // Every second client waits; the kill breaks those requests off.
  const sending = numbers.map((number) =>
    submit(first, number, number % 2 === 0 ? { Prefer: 'wait=60' } : {}, heavy).catch(() => undefined),
  );
  const count = async (state: string) =>
    (await jobsOf(await fetch(`${first.url}/api/v1/jobs?state=${state}`))).metadata.total;
  // Kill when a worker has claimed jobs, with others still queued.
  while ((await count('running')) === 0 && (await count('succeeded')) === 0);
  await first.end('SIGKILL');
  const answers = await Promise.all(sending);
  for (const answer of answers) if (answer) expect([201, 202]).toContain(answer.status);

  const second = await serve({ DATA_DIR: dataDir });
  const { items } = await jobsOf(await fetch(`${second.url}/api/v1/jobs?limit=100`));
  expect(items.length).toBeGreaterThan(0);
  for (const { id, chart } of items) {
    await (await fetch(`${second.url}/api/v1/jobs/${id}/events`)).text();
    expect(await jobOf(await fetch(`${second.url}/api/v1/jobs/${id}`))).toMatchObject({ state: 'succeeded' });
    const archive = await fetch(`${second.url}/api/v1/spaces/lib/charts/${chart}/versions/1.0.0`);
    expect((await archive.arrayBuffer()).byteLength).toBeGreaterThan(0);
  }
  expect((await fetch(`${second.url}/api/v1/spaces/lib`, { method: 'DELETE' })).status).toBe(204);
  expect(await second.end('SIGTERM')).toBe(0);
}, 120_000);
