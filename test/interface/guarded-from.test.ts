import { afterAll, beforeAll, expect, it } from 'vitest';
import { errorOf, followOf, jobOf, lineageOf } from '../support/answers.ts';
import type { TestClient } from '../support/client.ts';
import { type GuardedRegistry, startGuarded } from '../support/guarded.ts';
import { startReceiver } from '../support/receiver.ts';
import { createWebhooks } from '../support/webhooks.ts';

// A space of `save.from` that nothing was taken from is named by the recipe and by errors alone.

let registry: GuardedRegistry;
/** Author: maintainer of the target, reader of both spaces in `save.from`. */
let ana: TestClient;
/** Publisher of the target, who may not know the space that nothing was taken from. */
let rita: TestClient;

const recipe = {
  save: { chart: 'shop', version: '1.0.0', from: ['near', 'vault'], follow: { wait: '0s' } },
  configs: {
    package: { independent: true, space: 'team', chart: 'web', version: '^1', subcharts: 'resolve' },
  },
};
const path = '/spaces/team/charts/shop/versions/1.0.0';

beforeAll(async () => {
  registry = await startGuarded();
  for (const space of ['team', 'near', 'vault']) await registry.addSpace(space, 'private');
  const [anaId, ritaId] = [await registry.addUser('ana'), await registry.addUser('rita')];
  await registry.setRole(anaId, 'team', 'maintainer');
  for (const space of ['near', 'vault']) await registry.setRole(anaId, space, 'reader');
  await registry.setRole(ritaId, 'team', 'publisher');
  await registry.setRole(ritaId, 'near', 'reader');
  [ana, rita] = [(await registry.addToken(anaId)).client, (await registry.addToken(ritaId)).client];
  await upload('team', 'web', '1.0.0', { dependencies: [{ name: 'db', version: '^1' }] });
  await upload('near', 'db', '1.0.0');
  await upload('vault', 'db', '2.0.0');
  expect((await ana.orchestrate('team', recipe)).status).toBe(201);
});
afterAll(() => registry.close());

async function upload(space: string, name: string, version: string, manifest = {}) {
  expect((await registry.admin.upload(space, { name, version, manifest })).status).toBe(201);
}
const recompose = (client: TestClient) =>
  client.api(`${path}/recompose?dryRun=true`, { method: 'POST', body: '{"next":"minor"}' });

it('the lineage has no recipe for who may not read a space of `save.from`', async () => {
  const { recipe: shown } = await lineageOf(await ana.api(`${path}/lineage`));
  expect(shown).toMatchObject({ save: { from: ['near', 'vault'] } });
  const seen = await lineageOf(await rita.api(`${path}/lineage`));
  expect(seen.recipe).toEqual({});
  expect(seen.sources).toMatchObject([{ chart: 'web' }, { space: 'near', chart: 'db' }]);
  expect(JSON.stringify(seen)).not.toContain('vault');
});

it('the recipe is composed again by nobody who may not read a space of `save.from`', async () => {
  const refused = await recompose(rita);
  expect(refused.status).toBe(403);
  const error = await errorOf(refused);
  expect(error).toMatchObject({ code: 'access.denied', details: { right: 'chart.read' } });
  expect(JSON.stringify(error)).not.toContain('vault');
  expect((await recompose(ana)).status).toBe(200);
});

it('a job that fails does not tell of a space of `save.from` to who may not read it', async () => {
  const receiver = await startReceiver();
  await createWebhooks(ana, 'team').add({ url: receiver.url, events: ['job.failed'] });
  const deleted = await registry.admin.api('/spaces/near/charts/db/versions/1.0.0', { method: 'DELETE' });
  expect(deleted.status).toBe(204);
  await upload('team', 'web', '1.1.0', { dependencies: [{ name: 'db', version: '^1' }] });
  const [called] = await receiver.called(1);
  const findJob = async () =>
    (await followOf(await ana.api('/spaces/team/charts/shop/follow'))).items[0]?.job ?? '';
  // The job is told of before its run is.
  await expect.poll(findJob).not.toBe('');
  const job = await findJob();
  const { error } = await jobOf(await ana.request(job));
  expect(error).toMatchObject({ code: 'dependency.notFound', message: expect.stringContaining('vault') });
  const seen = await jobOf(await rita.request(job));
  expect(seen).toMatchObject({ state: 'failed', error: { code: 'dependency.notFound' } });
  const stream = await (await rita.request(`${job}/events`)).text();
  for (const text of [JSON.stringify(seen), stream, called?.body]) {
    expect(text).toContain('dependency.notFound');
    expect(text).not.toContain('vault');
  }
});
