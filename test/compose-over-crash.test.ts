import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { jobOf, jobsOf, lineageOf, valuesOf } from './support/answers.ts';
import { packChart } from './support/charts.ts';
import { createClient } from './support/client.ts';
import { serve } from './support/process.ts';

/** Configuration that a thread reads, so that a worker composes it. */
const heavy = Object.fromEntries(Array.from({ length: 4_000 }, (_, index) => [`key-${index}`, index]));

it('every accepted recipe replaces its version once, although the process is killed while it works', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'registry-over-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const first = await serve({ DATA_DIR: dataDir, LOG_LEVEL: 'info' });
  const client = createClient([first.url]);
  await client.upload('lib', await packChart({ name: 'web' }));
  const charts = Array.from({ length: 30 }, (_, number) => `made-${number}`);
  for (const chart of charts) await client.upload('lib', await packChart({ name: chart }));

  const accepted: string[] = [];
  const sending = charts.map(async (chart) => {
    const recipe = {
      save: { chart, version: '1.0.0', replace: true },
      configs: {
        package: { independent: true, space: 'lib', chart: 'web', version: '1.0.0' },
        _config: { ...heavy, chart },
      },
    };
    const response = await client.orchestrate('lib', recipe, {}).catch(() => undefined);
    if (response?.status === 202) accepted.push((await jobOf(response)).id);
  });
  // Kill as soon as some jobs are done, with others queued, running, or being accepted.
  for (;;) {
    const done = await jobsOf(await client.api('/jobs?state=succeeded'));
    if (done.metadata.total > 2) break;
  }
  await first.end('SIGKILL');
  await Promise.all(sending);
  expect(accepted.length).toBeGreaterThan(2);

  const second = await serve({ DATA_DIR: dataDir });
  const { api } = createClient([second.url]);
  const { items } = await jobsOf(await api('/jobs?limit=100'));
  expect(items.map(({ id }) => id)).toEqual(expect.arrayContaining(accepted));
  for (const { id, chart, replaces } of items) {
    // The stream ends with the job.
    await (await api(`/jobs/${id}/events`)).text();
    expect((await jobOf(await api(`/jobs/${id}`))).state).toBe('succeeded');
    const path = `/spaces/lib/charts/${chart}/versions/1.0.0`;
    const lineage = await lineageOf(await api(`${path}/lineage`));
    expect(lineage).toMatchObject({ job: id, modified: false });
    expect(lineage.digest).not.toBe(replaces);
    expect((await valuesOf(await api(`${path}/manifests/values`))).chart).toBe(chart);
  }
  // Only without reservations that are left can the space be deleted.
  expect((await api('/spaces/lib', { method: 'DELETE' })).status).toBe(204);
  expect(await second.end('SIGTERM')).toBe(0);
}, 120_000);
