import { describe, expect, it } from 'vitest';
import { jobsOf } from '../support/answers.ts';
import { startReceiver } from '../support/receiver.ts';
import { hasChromium } from './support/find-chromium.ts';
import { useGround } from './support/ground.ts';
import { lookAt } from './support/look.ts';

const recipe = (chart: string, version: string, more: object = {}) => ({
  save: { chart, version, ...more },
  configs: {
    package: { independent: true, space: 'demo', chart: 'web', version: '^1' },
    _config: { replicas: 'three' },
  },
});

/** Work that workers begin by themselves takes longer on a busy machine. */
const slow = { timeout: 45_000 };

describe.runIf(hasChromium())('jobs', () => {
  // Without a worker a job waits until the test starts one.
  const ground = useGround(
    async (registry) => {
      await registry.upload('demo', { name: 'web', values: { replicas: 1 } });
      for (const version of ['1.0.0', '1.1.0'])
        await registry.orchestrate('demo', recipe('shop', version), { Prefer: 'wait=0' });
    },
    { worker: false },
  );
  const find = async (query: string) => (await jobsOf(await ground.registry().api(`/jobs?${query}`))).items;

  it('a list by state changes as its jobs do, and a job is watched to its end', async () => {
    const test = await ground.open();
    const { page } = test;
    await test.visit('/-/jobs?state=active');
    const rows = page.getByRole('table', { name: 'Jobs' }).getByRole('row');
    await expect.poll(() => rows.count()).toBe(3);
    await lookAt(test, 'jobs-waiting');

    const watched = await ground.open();
    const [{ id } = { id: '' }] = await find('state=queued&limit=1');
    await watched.visit(`/-/jobs/${id}`);
    await expect
      .poll(() => watched.page.getByRole('list', { name: 'Stages' }).textContent())
      .toContain('queued');
    await lookAt(watched, 'job-waiting');

    // The list hears of a job that is cancelled elsewhere.
    await watched.page.getByRole('button', { name: 'Cancel the job' }).click();
    await watched.page.getByRole('dialog').getByRole('button', { name: 'Cancel the job' }).click();
    await watched.page.getByRole('list', { name: 'Stages' }).getByText('cancelled').waitFor();
    await expect.poll(() => rows.count()).toBe(2);

    const [{ id: other } = { id: '' }] = await find('state=queued&limit=1');
    await watched.visit(`/-/jobs/${other}`);
    const worker = await ground.registry().startWorker();
    await watched.page.getByRole('link', { name: 'Open the chart' }).waitFor();
    await page.getByText('No such jobs').waitFor();
    await expect.poll(() => watched.page.getByRole('status').first().textContent()).toContain('succeeded');
    await worker.close();
    await lookAt(watched, 'job');
    watched.expectClean();
    test.expectClean();
  });

  it('shows the end of a job that it has cancelled, though no event tells of it', async () => {
    await ground.registry().orchestrate('demo', recipe('unheard', '1.0.0'), { Prefer: 'wait=0' });
    const [job] = await find('chart=unheard');
    const test = await ground.open();
    const { page } = test;
    // The stream tells the job as it is now, again and again.
    const body = `event: job\nid: 1\ndata: ${JSON.stringify(job)}\n\n`;
    let streams = 0;
    await page.route(`**/api/v1/jobs/${job?.id}/events`, (route) => {
      streams += 1;
      return route.fulfill({ contentType: 'text/event-stream', body });
    });
    await test.visit(`/-/jobs/${job?.id}`);
    await expect.poll(() => streams).toBeGreaterThan(1);
    await page.getByRole('button', { name: 'Cancel the job' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel the job' }).click();
    await page.getByRole('list', { name: 'Stages' }).getByText('cancelled').waitFor();
    await page.getByRole('status').getByText('unheard 1.0.0: cancelled.').waitFor({ state: 'attached' });
    test.expectClean();
  });

  it('shows the error of a job at its place in the recipe, and composes again', async () => {
    const registry = ground.registry();
    const worker = await registry.startWorker();
    const follow = { wait: '0s' };
    await registry.orchestrate('demo', recipe('followed', '1.0.0', { follow }));
    const schema = JSON.stringify({ properties: { replicas: { type: 'integer' } } });
    await registry.upload('demo', {
      name: 'web',
      version: '1.2.0',
      values: { replicas: 1 },
      files: { 'values.schema.json': schema },
    });
    await expect.poll(async () => (await find('state=failed')).length, slow).toBe(1);
    const [{ id } = { id: '' }] = await find('state=failed');

    const test = await ground.open();
    await test.visit('/-/jobs?state=failed');
    await test.page.getByRole('table', { name: 'Jobs' }).getByRole('link', { name: 'followed' }).click();
    await test.page.waitForURL(`**/-/jobs/${id}`);
    const fault = test.page.getByRole('alert');
    await fault.getByText('values.invalid').waitFor();
    await expect.poll(() => fault.locator('.fault').textContent()).toContain('"replicas": "three"');
    await lookAt(test, 'job-failed');
    test.allow(/status of 4\d\d/);
    // The recipe is as wrong as before, and the page says so.
    await test.page.getByRole('button', { name: 'Compose again' }).click();
    await expect.poll(() => test.page.getByRole('alert').count()).toBe(2);
    await worker.close();
    test.expectClean();
  });

  it('lists the calls of a webhook, and makes one again', async () => {
    const registry = ground.registry();
    const worker = await registry.startWorker();
    const receiver = await startReceiver();
    await registry.orchestrate('demo', {
      save: { chart: 'told', version: '1.0.0' },
      callback: { url: receiver.url },
      configs: { package: { independent: true, space: 'demo', chart: 'web', version: '1.0.0' } },
    });
    await receiver.called(1);
    const [{ id } = { id: '' }] = await find('chart=told');
    const test = await ground.open();
    await test.visit(`/-/jobs/${id}`);
    await test.page.getByRole('heading', { name: 'Webhook calls' }).waitFor();
    // The page hears that the call was received.
    await test.page.getByRole('button', { name: /^Replay/ }).waitFor();
    await lookAt(test, 'job-webhooks');
    await test.page.getByRole('button', { name: /^Replay/ }).click();
    await receiver.called(2);
    await worker.close();
    test.expectClean();
  });
});
