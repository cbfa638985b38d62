import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorOf, jobOf, lineageOf } from '../support/answers.ts';
import type { TestClient } from '../support/client.ts';
import { type GuardedRegistry, startGuarded } from '../support/guarded.ts';

let registry: GuardedRegistry;
let ana: TestClient;
let anaId: string;

beforeAll(async () => {
  registry = await startGuarded();
  for (const space of ['shop', 'parts', 'vault']) await registry.addSpace(space, 'private');
  anaId = await registry.addUser('ana');
  await registry.setRole(anaId, 'shop', 'publisher');
  await registry.setRole(anaId, 'parts', 'reader');
  ana = (await registry.addToken(anaId)).client;
  for (const space of ['parts', 'vault'])
    expect((await registry.admin.upload(space, { name: 'web', values: { a: 1 } })).status).toBe(201);
  for (const [chart, space] of [
    ['open', 'parts'],
    ['closed', 'vault'],
  ] as const)
    expect((await registry.admin.orchestrate('shop', recipe(chart, { space }))).status).toBe(201);
});
afterAll(() => registry.close());

const recipe = (chart: string, { space = 'parts', save = {} } = {}) => ({
  save: { chart, version: '1.0.0', ...save },
  configs: { package: { independent: true, space, chart: 'web', version: '^1' } },
});
const recompose = (
  client: TestClient,
  chart: string,
  body: object,
  { space = 'shop', query = '', headers = {} } = {},
) =>
  client.api(`/spaces/${space}/charts/${chart}/versions/1.0.0/recompose${query}`, {
    method: 'POST',
    headers: { Prefer: 'wait=30', ...headers },
    body: JSON.stringify(body),
  });
const next = { next: 'patch' };

describe('recompose', () => {
  it('makes a job of who asks, not of who sent the recipe', async () => {
    const response = await recompose(ana, 'open', next);
    expect(response.status, await response.clone().text()).toBe(201);
    const { job } = await lineageOf(await ana.api('/spaces/shop/charts/open/versions/1.0.1/lineage'));
    expect((await jobOf(await ana.api(`/jobs/${job}`))).author).toBe('ana');
  });

  it('recompose is refused to who may not read a source, whose name is not told', async () => {
    for (const query of ['', '?dryRun=true']) {
      const response = await recompose(ana, 'closed', next, { query });
      expect(response.status).toBe(403);
      const text = await response.text();
      expect(text).toContain('"access.denied"');
      expect(text).not.toContain('vault');
    }
    expect((await recompose(registry.admin, 'closed', next)).status).toBe(201);
  });

  it('recompose does not show what is in a space that may not be known', async () => {
    const refusals = async (space: string) => {
      const answers = [];
      for (const client of [ana, registry.anonymous]) {
        const response = await recompose(client, 'web', next, { space });
        answers.push([response.status, await errorOf(response)]);
      }
      return JSON.stringify(answers);
    };
    expect(await refusals('vault')).toBe((await refusals('absent')).replaceAll('absent', 'vault'));
  });

  it('needs the right to publish the chart that it makes, and to read the one it is of', async () => {
    const { client } = await registry.addToken(anaId, { charts: ['other'] });
    expect((await recompose(client, 'open', next)).status).toBe(404);
    const { client: narrow } = await registry.addToken(anaId, { charts: ['open', 'web'] });
    const renamed = { ...next, changes: { save: { chart: 'other' } } };
    const refused = await recompose(narrow, 'open', renamed);
    expect(await errorOf(refused)).toMatchObject({
      code: 'access.denied',
      details: { right: 'chart.publish' },
    });
    const { client: reader } = await registry.addToken(anaId, { role: 'reader' });
    expect((await recompose(reader, 'open', next)).status).toBe(403);
  });

  it('is answered by an idempotency key with the job of the first to who may see that job', async () => {
    const tokenFor = async (...charts: string[]) => (await registry.addToken(anaId, { charts })).client;
    const [wide, same, narrow] = [
      await tokenFor('open', 'web', 'keyed'),
      await tokenFor('open', 'web', 'keyed'),
      await tokenFor('open', 'web'),
    ];
    const body = { version: '1.0.0', changes: { save: { chart: 'keyed' } } };
    const send = (client: TestClient) =>
      recompose(client, 'open', body, { headers: { 'Idempotency-Key': 'k', Prefer: 'wait=0' } });
    const first = await jobOf(await send(wide));
    expect(first.chart).toBe('keyed');
    expect((await jobOf(await send(same))).id).toBe(first.id);
    const refused = await send(narrow);
    expect(refused.status).toBe(403);
    expect(await refused.text()).not.toContain(first.id);
  });

  it('recompose may add a source only that its sender may read', async () => {
    const changes = {
      configs: { more: { package: { independent: true, space: 'vault', chart: 'web', version: '1.0.0' } } },
    };
    const response = await recompose(ana, 'open', { ...next, changes });
    expect(response.status).toBe(404);
    expect(await errorOf(response)).toMatchObject({ code: 'source.notFound' });
  });
});

describe('save.replace', () => {
  it('needs chart.replace for a version that exists, and not for a new one', async () => {
    const body = recipe('mine', { save: { replace: true } });
    expect((await ana.orchestrate('shop', body)).status).toBe(201);
    const changed = { ...body, configs: { ...body.configs, _config: { a: 2 } } };
    const dry = await ana.api('/spaces/shop/charts?dryRun=true', {
      method: 'POST',
      body: JSON.stringify(changed),
    });
    for (const refused of [await ana.orchestrate('shop', changed), dry]) {
      expect(refused.status).toBe(403);
      expect(await errorOf(refused)).toMatchObject({ details: { right: 'chart.replace' } });
    }
    await registry.setRole(anaId, 'shop', 'maintainer');
    expect((await ana.orchestrate('shop', changed)).status).toBe(201);
    await registry.setRole(anaId, 'shop', 'publisher');
  });
});
