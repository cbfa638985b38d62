import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Client, createClient, type Recipe } from '../../client/src/index.ts';
import { packChart } from '../support/charts.ts';
import { startFaultyProxy } from '../support/faulty-proxy.ts';
import { startReceiver } from '../support/receiver.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
let client: Client;
beforeAll(async () => {
  registry = await startRegistry();
  client = createClient({ url: registry.url });
  for (const version of ['1.0.0', '1.1.0'])
    await client.space('lib').upload(await packChart({ name: 'web', version, values: { replicas: 1 } }));
  await client.space('lib').upload(await packChart({ name: 'cache' }));
});
afterAll(() => registry.close());

const recipe = (chart: string, more: Partial<Recipe['save']> = {}): Recipe => ({
  save: { chart, version: '1.0.0', ...more },
  configs: {
    package: { independent: true, chart: 'web', version: '1.0.0' },
    _config: { replicas: 3 },
    sessions: { package: { independent: true, chart: 'cache', version: '^1.0.0' } },
  },
});

const recipeOfWeb = (chart: string): Recipe => ({
  save: { chart, version: '1.0.0' },
  configs: { package: { independent: true, chart: 'web', version: '1.0.0' } },
});

describe('a client with recipes', () => {
  it('a client composes a chart, follows its job to the end, and reads its lineage', async () => {
    const job = await client.compose('lib', recipe('shop'));
    const states: string[] = [];
    for await (const { state } of job.events()) states.push(state);
    expect(states.at(-1)).toBe('succeeded');
    const { result } = await job.wait();
    expect(result).toMatchObject({ space: 'lib', chart: 'shop', version: '1.0.0' });
    const shop = client.space('lib').chart('shop').version('1.0.0');
    expect(await shop.values()).toMatchObject({ replicas: 3 });
    const lineage = await shop.lineage();
    expect(lineage).toMatchObject({ job: job.id, modified: false, recipe: recipe('shop') });
    expect(lineage.sources.map(({ chart }) => chart)).toEqual(['web', 'cache']);
    expect(await shop.recipe()).toEqual(recipe('shop'));
    const web = client.space('lib').chart('web').version('1.0.0');
    expect((await web.dependents().page()).items).toMatchObject([{ chart: 'shop', version: '1.0.0' }]);
  });

  it('a client waits for the end within the request, and sends YAML as text', async () => {
    const text =
      'save: {chart: from-yaml, version: 1.0.0}\nconfigs:\n  package: {independent: true, chart: web, version: latest}\n';
    const job = await client.compose('lib', text, { wait: 30 });
    expect(job.job).toMatchObject({ state: 'succeeded', chart: 'from-yaml' });
    await expect(client.compose('lib', text, { wait: 30 })).rejects.toMatchObject({ code: 'version.exists' });
    await expect(client.compose('lib', 'save: [')).rejects.toMatchObject({ code: 'request.notYaml' });
  });

  it('a client gets the first job again under one idempotency key', async () => {
    const options = { idempotencyKey: 'mine', wait: 30 };
    const first = await client.compose('lib', recipe('keyed'), options);
    expect((await client.compose('lib', recipe('keyed'), options)).id).toBe(first.id);
    await expect(client.compose('lib', recipe('other'), options)).rejects.toMatchObject({
      status: 422,
      code: 'idempotency.mismatch',
    });
  });

  it('a client tells what a recipe would make, and stores nothing', async () => {
    const made = await client.dryRun('lib', recipe('dry'));
    expect(made).toMatchObject({ chart: 'dry', values: { replicas: 3 }, metadata: { name: 'dry' } });
    expect(made.plan.root.source).toMatchObject({ kind: 'stored', chart: 'web', version: '1.0.0' });
    await expect(client.space('lib').chart('dry').versionNames().page()).rejects.toMatchObject({
      code: 'chart.notFound',
    });
  });

  it('a client recomposes a version with changes, after a dry run against the one before', async () => {
    await client.compose('lib', recipe('again'), { wait: 30 });
    const version = client.space('lib').chart('again').version('1.0.0');
    const wanted = {
      next: 'minor',
      changes: { configs: { package: { version: '1.1.0' } } },
    } as const;
    const dry = await version.dryRunRecompose(wanted, { against: '1.0.0' });
    expect(dry.version).toBe('1.1.0');
    expect(dry.comparison?.from.version).toBe('1.0.0');
    const { result } = await (await version.recompose(wanted)).wait();
    expect(result.version).toBe('1.1.0');
  });

  it('a client tells which composed versions are up to date', async () => {
    const space = client.space('states');
    await space.upload(await packChart({ name: 'web' }));
    const ranged = {
      save: { chart: 'site', version: '1.0.0' },
      configs: { package: { independent: true, chart: 'web', version: '^1.0.0' } },
    };
    await client.compose('states', ranged, { wait: 30 });
    const site = space.chart('site').version('1.0.0');
    expect(await site.outdated()).toMatchObject({ state: 'current', outdated: false, newer: 'none' });
    await space.upload(await packChart({ name: 'web', version: '1.2.0' }));
    const state = await site.outdated();
    expect(state).toMatchObject({ state: 'outdated', sources: [{ now: { version: '1.2.0' } }] });
    const listed = async () => {
      const states: string[] = [];
      for await (const { chart, state } of client.outdated({ space: 'states' }))
        states.push(`${chart} ${state}`);
      return states;
    };
    await expect.poll(listed, { timeout: 45_000 }).toEqual(['site outdated']);
    expect((await client.outdated().page({ limit: 1 })).items).toHaveLength(1);
  });

  it('a client sets, reads and ends the follow of a chart', async () => {
    await client.compose('lib', recipe('followed'), { wait: 30 });
    const { follow } = client.space('lib').chart('followed');
    await expect(follow.get()).rejects.toMatchObject({ code: 'follow.notFound' });
    const set = await follow.set({ on: 'minor', wait: '1h' });
    expect(set).toMatchObject({ chart: 'followed', settings: { on: 'minor', wait: '1h', next: 'patch' } });
    // A new follow is due at once, so a worker may have begun to examine it.
    expect(await follow.get()).toMatchObject({ chart: set.chart, settings: set.settings });
    const runs = await follow.runs().page();
    expect(runs.items).toHaveLength(runs.total);
    for await (const { space, chart, settings } of client.follows({ space: 'lib' }))
      expect({ space, chart, settings }).toEqual({ space: 'lib', chart: 'followed', settings: set.settings });
    expect((await client.follows().page({ limit: 1 })).items).toHaveLength(1);
    await follow.end();
    expect((await client.follows({ space: 'lib', state: 'failed' }).page()).items).toEqual([]);
    await expect(follow.get()).rejects.toMatchObject({ code: 'follow.notFound' });
  });

  it('a client lists and reads jobs, and the calls of their callbacks', async () => {
    const receiver = await startReceiver();
    const called = { ...recipe('called'), callback: { url: receiver.url } };
    const { id } = await client.compose('lib', called, { wait: 30 });
    expect(await client.jobs.get(id)).toMatchObject({ id, state: 'succeeded' });
    const { items } = await client.jobs.list({ space: 'lib', chart: 'called', state: 'succeeded' }).page();
    expect(items.map((job) => job.id)).toEqual([id]);
    expect(await client.jobs.recipe(id)).toEqual(recipe('called'));
    expect((await client.jobs.list({ q: 'called', state: ['queued', 'succeeded'] }).page()).total).toBe(1);
    expect((await client.jobs.counts({ space: 'lib' })).succeeded.count).toBeGreaterThan(0);
    await receiver.called(1);
    const deliveries = async () => (await client.jobs.deliveries(id).page()).items;
    await expect.poll(async () => (await deliveries())[0]?.state, { timeout: 20_000 }).toBe('succeeded');
    const [delivery] = await deliveries();
    expect(await client.jobs.replay(id, delivery?.id ?? '')).toMatchObject({ id: delivery?.id });
    await receiver.called(2);
    await expect(client.jobs.cancel(id)).rejects.toMatchObject({ status: 409, code: 'job.final' });
  });

  it('a client is told the changes of jobs of a space, and resumes where the stream breaks', async () => {
    const proxy = await startFaultyProxy(registry.url);
    const behind = createClient({ url: proxy.url });
    const stop = new AbortController();
    onTestFinished(() => stop.abort());
    await client.space('told').upload(await packChart({ name: 'web' }));
    const changes = behind.jobs.changes({ space: 'told' }, { signal: stop.signal });
    const told = async (chart: string) => {
      for (;;) {
        const { value } = await changes.next();
        if (value?.kind === 'job' && value.job.chart === chart && value.job.state === 'succeeded') return;
      }
    };
    // The stream has begun: what changes from now on is told.
    expect((await changes.next()).value).toEqual({ kind: 'reset' });
    await client.compose('told', recipeOfWeb('one'), { wait: 30 });
    await told('one');
    proxy.breakOff();
    await client.compose('told', recipeOfWeb('two'), { wait: 30 });
    await told('two');
    expect(proxy.requests.map(({ headers }) => headers['last-event-id'])).toEqual([
      undefined,
      expect.stringMatching(/./),
    ]);
  });
});
