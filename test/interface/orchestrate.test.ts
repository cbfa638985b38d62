import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultChartLimits } from '../../core/archive/limits.ts';
import { contentOf } from '../../core/blobs/content.ts';
import { readChart } from '../../core/chart/read-chart.ts';
import { errorOf, jobOf, valuesOf } from '../support/answers.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry({}, { workers: 3 });
  await registry.upload('lib', {
    name: 'web',
    manifest: {
      description: 'a web',
      dependencies: [{ name: 'log', version: '1.0.0', condition: 'log.on' }],
    },
    values: { replicas: 1, log: { on: true } },
    files: { 'templates/a.yaml': 'kind: A\n', LICENSE: 'free' },
    subcharts: [{ name: 'log', values: { level: 'info' } }],
  });
  await registry.upload('lib', { name: 'db', version: '2.0.0', values: { user: 'root', port: 5432 } });
});
afterAll(() => registry.close());

const web = { independent: true, space: 'lib', chart: 'web', version: '1.0.0' };
const db = { independent: true, space: 'lib', chart: 'db', version: '2.0.0' };
const log = { independent: false, space: 'lib', chart: 'log', version: '1.0.0' };
const recipe = (chart: string, configs: object = {}, save: object = {}) => ({
  save: { chart, version: '1.0.0', ...save },
  configs: { package: web, ...configs },
});
const read = async (path: string) => valuesOf(await registry.api(path));

describe('a recipe', () => {
  it('a recipe is answered 202 with its job', async () => {
    const response = await registry.orchestrate('lib', recipe('later'), {});
    expect(response.status).toBe(202);
    expect(response.headers.get('retry-after')).toBe('1');
    const job = await jobOf(response);
    expect(response.headers.get('location')).toBe(`/api/v1/jobs/${job.id}`);
    expect(job).toMatchObject({ space: 'lib', chart: 'later', version: '1.0.0' });
    // A job that was composed where it was accepted is over already.
    expect([job.state, job.attempts]).toEqual(job.result ? ['succeeded', 1] : ['queued', 0]);
    expect(job.links.self).toBe(`/api/v1/jobs/${job.id}`);
  });

  it('a recipe of a waiting client is answered 201 with the link of the chart', async () => {
    const response = await registry.orchestrate('lib', recipe('shop'), { Prefer: 'respond-async, wait=30' });
    expect(response.status).toBe(201);
    expect(response.headers.get('preference-applied')).toBe('wait=30');
    expect(await response.json()).toEqual({
      space: 'lib',
      chart: 'shop',
      version: '1.0.0',
      link: '/api/v1/spaces/lib/charts/shop/versions/1.0.0',
    });
  });

  it('a recipe becomes a chart with its children as subcharts, and values at their keys', async () => {
    await registry.orchestrate(
      'lib',
      recipe(
        'tree',
        {
          _config: { replicas: 3 },
          store: { package: db, _config: { user: 'shop' } },
          log: { package: log },
        },
        { description: 'all of it' },
      ),
    );
    const path = '/spaces/lib/charts/tree/versions/1.0.0';
    expect(await read(`${path}/manifests/metadata`)).toMatchObject({
      name: 'tree',
      description: 'all of it',
      dependencies: [
        { name: 'log', version: '1.0.0' },
        { name: 'store', version: '2.0.0' },
      ],
    });
    expect(await read(`${path}/manifests/values`)).toMatchObject({
      replicas: 3,
      store: { user: 'shop', port: 5432 },
      log: { on: true, level: 'info' },
    });
    const archive = Buffer.from(await (await registry.api(path)).arrayBuffer());
    const chart = await readChart(contentOf(archive).open(), defaultChartLimits);
    expect(chart.dependencies).toEqual([
      { name: 'log', version: '1.0.0', condition: 'log.on' },
      { name: 'store', version: '2.0.0' },
    ]);
    expect(chart.files.get('LICENSE')?.toString()).toBe('free');
  });

  it.each([
    ['replace', { store: { user: 'shop' } }],
    ['literal', { _config: { replicas: 3 }, store: { _config: { user: 'shop' } } }],
  ])('a recipe writes values in the mode %s', async (values, expected) => {
    const chart = `by-${values}`;
    const configs = { _config: { replicas: 3 }, store: { package: db, _config: { user: 'shop' } } };
    await registry.orchestrate('lib', recipe(chart, configs, { values }));
    expect(await read(`/spaces/lib/charts/${chart}/versions/1.0.0/manifests/values`)).toMatchObject(expected);
  });

  it.each([
    ['an existing target', 'lib', recipe('db', {}, { version: '2.0.0' }), 409, 'version.exists'],
    ['a missing space', 'none', recipe('x'), 404, 'space.notFound'],
    [
      'a missing source',
      'lib',
      recipe('x', { d: { package: { ...db, version: '9.9.9' } } }),
      404,
      'source.notFound',
    ],
    [
      'a subchart of another version',
      'lib',
      recipe('x', { log: { package: { ...log, version: '2.0.0' } } }),
      404,
      'source.notFound',
    ],
    ['a missing key', 'lib', { save: { chart: 'x' }, configs: {} }, 400, 'recipe.invalid'],
    [
      'a source that is the target',
      'lib',
      { save: { chart: 'web', version: '1.0.0' }, configs: { package: web } },
      400,
      'recipe.invalid',
    ],
  ])('a recipe with %s is refused without a job', async (_, space, body, status, code) => {
    const response = await registry.orchestrate(space, body, {});
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ code });
  });

  it('the refusal of a recipe names the missing source and its pointer', async () => {
    const response = await registry.orchestrate(
      'lib',
      recipe('x', { d: { package: { ...db, version: '9.9.9' } } }),
      {},
    );
    const { message, details } = await errorOf(response);
    expect(message).toContain('lib/db');
    expect(message).toContain('9.9.9');
    expect(details?.pointer).toMatch(/^\/configs\/d\/package/);
  });
});

describe('an idempotency key', () => {
  const headers = { 'Idempotency-Key': 'k1' };

  it('a request with a used idempotency key gets the first job, also after it has ended', async () => {
    const first = await jobOf(await registry.orchestrate('lib', recipe('once'), headers));
    const again = await registry.orchestrate('lib', recipe('once'), headers);
    expect(again.status).toBe(202);
    expect((await jobOf(again)).id).toBe(first.id);
    const waited = await registry.orchestrate('lib', recipe('once'), { ...headers, Prefer: 'wait=30' });
    expect(waited.status).toBe(201);
  });

  it('an idempotency key with another body is refused', async () => {
    const response = await registry.orchestrate('lib', recipe('twice'), headers);
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ code: 'idempotency.mismatch' });
  });

  it('concurrent requests with one idempotency key make one job', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, () =>
        registry.orchestrate('lib', recipe('race'), { 'Idempotency-Key': 'k2' }),
      ),
    );
    const ids = new Set(await Promise.all(answers.map(async (answer) => (await jobOf(answer)).id)));
    expect(answers.map((answer) => answer.status)).toEqual(Array(8).fill(202));
    expect(ids.size).toBe(1);
  });
});

describe('many recipes for one target at once', () => {
  it('concurrent recipes for one target make one version, and the others are refused', async () => {
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => registry.orchestrate('lib', recipe('single'))),
    );
    const statuses = answers.map((answer) => answer.status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    expect(statuses.every((status) => [201, 409, 423].includes(status))).toBe(true);
    expect((await read('/spaces/lib/charts/single/versions')).items).toEqual(['1.0.0']);
  });
});
