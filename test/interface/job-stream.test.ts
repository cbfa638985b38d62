import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { jobOf, jobsOf } from '../support/answers.ts';
import { createClient } from '../support/client.ts';
import { jobOfEvent, type ReceivedEvent, readEvents, tells } from '../support/event-stream.ts';
import { createTestDatabase } from '../support/postgres.ts';
import { type Served, serve } from '../support/process.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

const recipe = (chart: string, space = 'lib') => ({
  save: { chart, version: '1.0.0' },
  configs: { package: { independent: true, space, chart: 'web', version: '1.0.0' } },
});
const open = async (url: string, query = '', lastId?: string) => {
  const headers: Record<string, string> = lastId === undefined ? {} : { 'Last-Event-ID': lastId };
  const response = await fetch(`${url}/api/v1/jobs/events${query}`, { headers });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  return readEvents(response);
};

describe('two API processes', () => {
  let environment: Record<string, string>;
  /** Composes, and stays. */
  let one: Served;
  /** Has the streams, and is killed. */
  let two: Served;
  beforeAll(async () => {
    const database = await createTestDatabase();
    const dataDir = await mkdtemp(join(tmpdir(), 'registry-job-stream-'));
    environment = { DATABASE_URL: database.url, DATA_DIR: dataDir };
    one = await serve(environment);
    two = await serve(environment, 'api');
    expect((await createClient([one.url]).upload('lib', { name: 'web' })).status).toBe(201);
    return async () => {
      await Promise.all([one, two].map((served) => served.end('SIGKILL', true)));
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    };
  });

  /** Sends recipes of some charts to both processes, ten at a time; the jobs may be over before their answers. */
  async function submitAll(charts: readonly string[], urls: () => readonly string[]): Promise<void> {
    const left = [...charts.entries()];
    const send = async () => {
      for (let next = left.pop(); next; next = left.pop()) {
        const [number, chart] = next;
        const all = urls();
        const client = createClient([all[number % all.length] ?? one.url]);
        expect((await client.orchestrate('lib', recipe(chart), {})).status).toBe(202);
      }
    };
    await Promise.all(Array.from({ length: 10 }, send));
  }
  const named = (name: string, count: number) => Array.from({ length: count }, (_, n) => `${name}-${n}`);

  it('tell a reader who comes back again and again the end of every job, though one of them is killed', async () => {
    const charts = named('watched', 200);
    const ended = new Map<string, string>();
    const take = (event: ReceivedEvent) => {
      // Nothing was missed of what ever came: the list is never to be read again.
      expect(event.event).not.toBe('reset');
      if (event.event !== 'job') return false;
      const { id, chart, state } = jobOfEvent(event);
      if (state === 'succeeded') ended.set(chart, id);
      return true;
    };
    let reader = await open(two.url);
    await reader.until(({ id }) => id !== '');
    let isKilled = false;
    const submitting = submitAll(charts, () => [one.url]);
    for (let turn = 1; ended.size < charts.length; turn += 1) {
      // The stream is left after some events, wherever in a batch that is.
      for (let read = 0; read < 7 && ended.size < charts.length; read += 1)
        if (!(await reader.until(take))) break;
      const lastId = reader.lastId();
      await reader.close();
      if (!isKilled && ended.size > 50) {
        isKilled = true;
        expect(await two.end('SIGKILL', true)).toBe('SIGKILL');
        two = await serve(environment, 'api');
      }
      reader = await open(turn % 2 === 0 ? two.url : one.url, '', lastId);
    }
    await submitting;
    await reader.close();
    expect(isKilled).toBe(true);
    expect([...ended.keys()].sort()).toEqual([...charts].sort());
  }, 180_000);

  it('resume a reader who was away for all of it, at the other process, with each job once', async () => {
    const first = await open(two.url, '?space=lib');
    await first.until(({ id }) => id !== '');
    const lastId = first.lastId();
    await first.close();
    const charts = named('missed', 200);
    await submitAll(charts, () => [one.url]);
    for (const chart of charts) {
      const list = () => createClient([one.url]).api(`/jobs?space=lib&chart=${chart}&state=succeeded`);
      // The first of these waits for the end of nearly all jobs.
      await expect.poll(async () => (await jobsOf(await list())).items.length, { timeout: 90_000 }).toBe(1);
    }
    const second = await open(one.url, '?space=lib', lastId);
    await second.until(({ event, id }) => event === '' && id !== '');
    const told = second.events.filter(({ event }) => event === 'job').map(jobOfEvent);
    expect(told.map(({ chart }) => chart).sort()).toEqual([...charts].sort());
    expect(new Set(told.map(({ state }) => state))).toEqual(new Set(['succeeded']));
    await second.close();
  });

  it('tell what the other has composed, and end their streams when they end', async () => {
    const reader = await open(two.url);
    await reader.until(({ id }) => id !== '');
    const client = createClient([one.url]);
    expect((await client.orchestrate('lib', recipe('elsewhere'))).status).toBe(201);
    const told = await reader.until(tells('elsewhere', 'succeeded'));
    expect(jobOfEvent(told ?? { data: '{}' }).stages.length).toBeGreaterThan(0);
    const ending = two.end('SIGTERM');
    expect(await reader.until(() => false)).toBeUndefined();
    expect(await ending).toBe(0);
    two = await serve(environment, 'api');
  });
});

describe('the stream of jobs', () => {
  let registry: TestRegistry;
  beforeAll(async () => {
    registry = await startRegistry({}, { worker: false });
    for (const space of ['lib', 'other'])
      expect((await registry.upload(space, { name: 'web' })).status).toBe(201);
  });
  afterAll(() => registry.close());

  const submit = async (chart: string, space = 'lib') => {
    const response = await registry.orchestrate(space, recipe(chart, space), {});
    expect(response.status).toBe(202);
    return (await jobOf(response)).id;
  };
  const cancel = async (id: string) =>
    expect((await registry.api(`/jobs/${id}`, { method: 'DELETE' })).status).toBe(202);
  const openHere = async (query = '', lastId?: string) => {
    const headers: Record<string, string> = {
      ...registry.headers,
      ...(lastId === undefined ? {} : { 'Last-Event-ID': lastId }),
    };
    const response = await registry.api(`/jobs/events${query}`, { headers });
    expect(response.status).toBe(200);
    const reader = readEvents(response);
    onTestFinished(() => reader.close());
    await reader.until(({ id }) => id !== '');
    return reader;
  };

  it('tells each change as the list shows it, of one space or of states', async () => {
    const all = await openHere();
    const other = await openHere('?space=other');
    const over = await openHere('?state=cancelled,failed');
    const id = await submit('changes');
    const queued = await all.until(tells('changes', 'queued'));
    const [listed] = (await jobsOf(await registry.api('/jobs?chart=changes'))).items;
    expect(JSON.parse(queued?.data ?? '')).toEqual(listed);
    await cancel(id);
    await all.until(tells('changes', 'cancelled'));
    await submit('beside', 'other');
    await other.until(tells('beside'));
    await over.until(tells('changes', 'cancelled'));
    expect(other.events.filter(({ event }) => event === 'job')).toHaveLength(1);
    expect(over.events.filter(({ event }) => event === 'job')).toHaveLength(1);
  });

  it('the stream of jobs has the reader read the list again where the id is none, or too much has changed since', async () => {
    const first = await openHere();
    const lastId = first.lastId();
    const foreign = await openHere('', 'seventeen');
    expect(foreign.events[0]).toMatchObject({ event: 'reset', data: '{}' });
    await registry.db.query(
      `INSERT INTO jobs (id, state, space, chart, version, recipe, plan, finished_at)
       SELECT gen_random_uuid(), 'succeeded', 'many', 'app', n || '.0.0', '{}', '{}', now() FROM generate_series(1, 1001) n`,
    );
    const late = await openHere('', lastId);
    expect(late.events[0]?.event).toBe('reset');
    // The stream that stayed open is told as well, and goes on. A job that came before would be one of those in the list.
    expect(await first.until(({ event }) => event === 'reset')).toBeDefined();
    await submit('after-reset');
    expect(await late.until(tells('after-reset'))).toBeDefined();
    expect(await first.until(tells('after-reset'))).toBeDefined();
  });

  it('refuses what it does not know', async () => {
    expect((await registry.api('/jobs/events?state=odd')).status).toBe(400);
    expect((await registry.api('/jobs/events?chart=web')).status).toBe(400);
    const head = await registry.api('/jobs/events', { method: 'HEAD' });
    expect([head.status, head.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
  });
});

describe('the events of one job', () => {
  it('the events of one job are not told again to a reader who has them', async () => {
    const registry = await startRegistry({}, { worker: false });
    onTestFinished(() => registry.close());
    await registry.upload('lib', { name: 'web' });
    const { id } = await jobOf(await registry.orchestrate('lib', recipe('single'), {}));
    const path = `/jobs/${id}/events`;
    const reader = readEvents(await registry.api(path));
    await reader.until(tells('single', 'queued'));
    await reader.close();
    const resumed = readEvents(await registry.api(path, { headers: { 'Last-Event-ID': reader.lastId() } }));
    await registry.api(`/jobs/${id}`, { method: 'DELETE' });
    expect(await resumed.until(({ event }) => event === 'job')).toMatchObject({
      data: expect.stringContaining('"cancelled"'),
    });
    expect(await resumed.until(() => false)).toBeUndefined();
    const over = await registry.api(path, { headers: { 'Last-Event-ID': resumed.lastId() } });
    expect([over.status, await over.text()]).toEqual([204, '']);
    // A client that has not seen the end is told it.
    const behind = readEvents(await registry.api(path, { headers: { 'Last-Event-ID': reader.lastId() } }));
    expect(await behind.until(tells('single', 'cancelled'))).toBeDefined();
  });
});
