import { afterAll, beforeAll, expect, it } from 'vitest';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry();
  await registry.upload('lib', { name: 'web', version: '1.2.0', values: { replicas: 1 } });
});
afterAll(() => registry.close());

const recipeOf = (version: string) => ({
  save: { chart: 'shop', version },
  configs: { web: { package: { independent: true, chart: 'web', version: '^1' } } },
});
const compose = (body: string, type: string, query = '', headers: Record<string, string> = {}) =>
  registry.api(`/spaces/lib/compositions${query}`, {
    method: 'POST',
    headers: { 'Content-Type': type, Prefer: 'wait=30', ...headers },
    body,
  });

it('composes a recipe, as the route of uploads does', async () => {
  const composed = await compose(JSON.stringify(recipeOf('1.0.0')), 'application/json');
  expect(composed.status).toBe(201);
  expect(await composed.json()).toMatchObject({ space: 'lib', chart: 'shop', version: '1.0.0' });
  const again = await registry.orchestrate('lib', recipeOf('1.0.0'));
  expect(again.status).toBe(409);
});

it('reads YAML, and tells line and column of a mistake', async () => {
  const yaml =
    'save: { chart: shop, version: 1.1.0 }\nconfigs:\n  web:\n    package: { independent: true, chart: web, version: ^1 }\n';
  expect((await compose(yaml, 'application/yaml')).status).toBe(201);
  const wrong = await compose(yaml.replace('save:', 'sav:'), 'application/yaml');
  expect(wrong.status).toBe(400);
  expect(await wrong.json()).toMatchObject({ details: { pointer: '/sav', line: 1, column: 1 } });
});

it('answers a dry run and stores nothing', async () => {
  const dry = await compose(
    JSON.stringify(recipeOf('2.0.0')),
    'application/json',
    '?dryRun=true&against=latest',
  );
  expect(dry.status).toBe(200);
  expect(await dry.json()).toMatchObject({
    chart: 'shop',
    version: '2.0.0',
    comparison: { from: { chart: 'shop' } },
  });
  expect((await registry.api('/spaces/lib/charts/shop/versions/2.0.0/lineage')).status).toBe(404);
});

it('answers the same job to the same idempotency key by either route', async () => {
  const body = JSON.stringify(recipeOf('3.0.0'));
  const headers = { 'Idempotency-Key': 'either', Prefer: 'wait=0' };
  const first = await compose(body, 'application/json', '', headers);
  const second = await registry.api('/spaces/lib/charts', { method: 'POST', headers, body });
  expect([first.status, second.status]).toEqual([202, 202]);
  expect(second.headers.get('location')).toBe(first.headers.get('location'));
});

it('refuses a form: an upload goes to the charts of a space', async () => {
  const form = new FormData();
  form.set('chartfile', new Blob(['x']), 'x.tgz');
  const refused = await registry.api('/spaces/lib/compositions', { method: 'POST', body: form });
  expect(refused.status).toBe(400);
});

it('the registry does not compose into a space that is not there', async () => {
  const missing = await registry.api('/spaces/nowhere/compositions', {
    method: 'POST',
    body: JSON.stringify(recipeOf('1.0.0')),
  });
  expect(missing.status).toBe(404);
});
