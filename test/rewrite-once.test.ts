import { afterAll, beforeAll, expect, it } from 'vitest';
import { errorOf } from './support/answers.ts';
import { packChart } from './support/charts.ts';
import { type EmbeddedRegistry, startEmbedded } from './support/embedded.ts';

const version = '/spaces/lib/charts/web/versions/1.0.0';
const schema = JSON.stringify({ properties: { port: { type: 'integer' } } });

let registry: EmbeddedRegistry;
let opened = 0;
beforeAll(async () => {
  registry = await startEmbedded({ logLevel: 'silent' }, { worker: false });
  const files = { 'values.schema.json': schema };
  const archive = await packChart({ name: 'web', values: { port: 1 }, files });
  expect((await registry.upload('lib', archive)).status).toBe(201);
  const { store } = registry.context;
  const { open } = store;
  store.open = (...params) => {
    opened += 1;
    return open(...params);
  };
});
afterAll(() => registry.close());

async function put(document: 'values' | 'metadata', body: object): Promise<Response> {
  opened = 0;
  return registry.api(`${version}/manifests/${document}`, { method: 'PUT', body: JSON.stringify(body) });
}

it('a rewrite reads its archive once, whether it is accepted or refused', async () => {
  expect([(await put('values', { port: 2 })).status, opened]).toEqual([200, 1]);
  const unfit = await put('values', { port: 'a' });
  expect([unfit.status, opened]).toEqual([400, 1]);
  expect(await errorOf(unfit)).toMatchObject({ code: 'values.invalid', details: { pointer: '/port' } });
  const unloadable = await put('metadata', { name: 'web', version: '1.0.0', type: 'other' });
  expect([unloadable.status, opened]).toEqual([400, 1]);
});
