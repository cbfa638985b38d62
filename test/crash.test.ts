import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { jobOf, jobsOf, namesOf } from './support/answers.ts';
import { packChart } from './support/charts.ts';
import { createClient } from './support/client.ts';
import { type Served, serve } from './support/process.ts';

let dataDir: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'registry-crash-'));
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

const submit = (served: Served, number: number) =>
  fetch(`${served.url}/api/v1/spaces/lib/charts`, {
    method: 'POST',
    body: JSON.stringify({
      save: { chart: `made-${number}`, version: '1.0.0' },
      configs: { package: { independent: true, space: 'lib', chart: 'web', version: '1.0.0' } },
    }),
  });

it('every job that was accepted succeeds, once, although the process is killed in the middle', async () => {
  const first = await serve({ DATA_DIR: dataDir, LOG_LEVEL: 'info' });
  const archive = await packChart({ name: 'web', files: { big: Buffer.alloc(2_000_000, 'x') } });
  await createClient([first.url]).upload('lib', archive);

  const accepted: string[] = [];
  const sending = Array.from({ length: 60 }, async (_, number) => {
    const response = await submit(first, number).catch(() => undefined);
    if (response?.status === 202) accepted.push((await jobOf(response)).id);
  });
  // Killed as soon as some are done, with the others queued, in hand, or on their way in.
  for (;;) {
    const done = await jobsOf(await fetch(`${first.url}/api/v1/jobs?state=succeeded`));
    if (done.metadata.total > 3) break;
  }
  await first.end('SIGKILL');
  await Promise.all(sending);
  expect(accepted.length).toBeGreaterThan(3);

  const second = await serve({ DATA_DIR: dataDir });
  const finals = await Promise.all(
    accepted.map(async (id) => {
      // The stream ends with the job.
      await (await fetch(`${second.url}/api/v1/jobs/${id}/events`)).text();
      return jobOf(await fetch(`${second.url}/api/v1/jobs/${id}`));
    }),
  );
  expect(finals.map((job) => job.state)).toEqual(accepted.map(() => 'succeeded'));
  for (const job of finals) {
    const versions = await namesOf(
      await fetch(`${second.url}/api/v1/spaces/lib/charts/${job.chart}/versions`),
    );
    expect(versions.items).toEqual(['1.0.0']);
  }
  // Nothing is reserved any more: the space can go.
  expect((await fetch(`${second.url}/api/v1/spaces/lib`, { method: 'DELETE' })).status).toBe(204);
  expect(await second.end('SIGTERM')).toBe(0);
}, 120_000);
