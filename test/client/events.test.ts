import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { clientCodes, createClient, type Job } from '../../client/src/index.ts';
import { findFreePort } from '../../core/db/embedded/free-port.ts';
import { packChart } from '../support/charts.ts';
import { startFaultyProxy } from '../support/faulty-proxy.ts';
import { startMember } from '../support/member.ts';
import { createTestDatabase } from '../support/postgres.ts';
import { startRegistry } from '../support/registry.ts';

const recipe = (chart: string) => ({
  save: { chart, version: '1.0.0' },
  configs: { package: { independent: true, chart: 'web', version: '1.0.0' } },
});
/** Packs a source that is composed by a worker only. */
const packLarge = () => packChart({ name: 'web', files: { big: Buffer.alloc(2_000_000, 'x') } });

/** Starts a registry whose job waits for a worker, and a client behind a proxy. */
async function startWithJob() {
  const registry = await startRegistry({ apiSources: 0 }, { worker: false });
  onTestFinished(() => registry.close());
  const proxy = await startFaultyProxy(registry.url);
  const client = createClient({ url: proxy.url });
  await client.space('lib').upload(await packLarge());
  const job = await client.compose('lib', recipe('made'));
  expect(job.job.state).toBe('queued');
  return { registry, proxy, client, job };
}

/** Collects the states of a job; `onFirst` is called with the first. */
async function collect(events: AsyncIterable<Job>, onFirst: () => Promise<unknown>) {
  const states: Job['state'][] = [];
  for await (const { state } of events) if (states.push(state) === 1) await onFirst();
  return states;
}

/** Sources are prepared and jobs composed by a worker, which takes long on a busy machine. */
const slow = { timeout: 120_000 };

describe('the events of a job', slow, () => {
  it('events of a job go on over an API process that is killed, to the end of the job', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'client-events-'));
    onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
    const database = await createTestDatabase();
    onTestFinished(() => database.drop());
    const listen = `127.0.0.1:${await findFreePort()}`;
    const environment = {
      DATABASE_URL: database.url,
      DATA_DIR: dataDir,
      LISTEN: listen,
      API_SOURCES: '0',
      LOG_LEVEL: 'info',
    };
    const api = startMember({ name: 'api', command: 'api', url: `http://${listen}`, environment });
    onTestFinished(() => api.end('SIGKILL').then(() => undefined));
    await api.ready();

    const client = createClient({ url: api.url });
    await client.space('lib').upload(await packLarge());
    const job = await client.compose('lib', recipe('made'));
    const states = await collect(job.events(), async () => {
      const killed = api.pid();
      api.signal('SIGKILL');
      await expect.poll(() => api.ends.length, { timeout: 30_000 }).toBe(1);
      await api.ready();
      expect(api.pid()).not.toBe(killed);
      const worker = startMember({ name: 'worker', command: 'worker', url: '', environment });
      onTestFinished(() => worker.end('SIGKILL').then(() => undefined));
    });
    expect(states[0]).toBe('queued');
    expect(states.at(-1)).toBe('succeeded');
    expect((await job.wait()).result).toMatchObject({ chart: 'made', version: '1.0.0' });
  });

  it('events of a job are polled where a proxy does not pass streams', async () => {
    const { registry, proxy, job } = await startWithJob();
    proxy.plan({ kind: 'answer', status: 200, headers: { 'Content-Type': 'text/html' }, body: 'a page' });
    const states = await collect(job.events(), () => registry.startWorker());
    expect(states.at(-1)).toBe('succeeded');
    const paths = proxy.requests.filter(({ method }) => method === 'GET').map(({ path }) => path);
    expect(paths.slice(0, 2)).toEqual([`/api/v1/jobs/${job.id}/events`, `/api/v1/jobs/${job.id}`]);
    expect(paths.filter((path) => path.endsWith('/events'))).toHaveLength(1);
  });

  it('events of a job go on after a refusal that passes, and where the connection is cut', async () => {
    const { registry, proxy, job } = await startWithJob();
    // The first event is longer than this, so half of it comes, and then it comes again as a whole.
    const busy = { kind: 'answer', status: 503, headers: { 'Retry-After': '0' } } as const;
    proxy.plan(busy, { kind: 'cut', bytes: 50 });
    const states = await collect(job.events(), () => registry.startWorker());
    expect(states[0]).toBe('queued');
    expect(states.at(-1)).toBe('succeeded');
    const streams = proxy.requests.filter(({ path }) => path.endsWith('/events'));
    expect(streams.length).toBeGreaterThan(2);
  });

  it('events of a job that nobody may read end with the refusal, without a repetition', async () => {
    const { proxy, client } = await startWithJob();
    const before = proxy.requests.length;
    const events = client.jobs.events('6ad2a31e-0000-4000-8000-000000000000');
    await expect(events.next()).rejects.toMatchObject({ code: 'job.notFound', status: 404 });
    expect(proxy.requests.length).toBe(before + 1);
  });

  it('events of a job that is over are its end alone, without a request', async () => {
    const { registry, proxy, job } = await startWithJob();
    await registry.startWorker();
    await job.wait();
    const before = proxy.requests.length;
    expect(await collect(job.events(), async () => undefined)).toEqual(['succeeded']);
    expect(proxy.requests.length).toBe(before);
  });

  it('a wait for a job that fails throws the error of the job', async () => {
    const { client } = await startWithJob();
    const unknown = {
      ...recipe('other'),
      configs: { package: { independent: true, chart: 'none', version: '1' } },
    };
    await expect(client.compose('lib', unknown)).rejects.toMatchObject({
      code: 'source.notFound',
      details: { pointer: '/configs/package' },
    });
    const job = await client.compose('lib', recipe('doomed'));
    await client.jobs.cancel(job.id);
    await expect(job.wait()).rejects.toMatchObject({ code: clientCodes.cancelled });
  });
});
