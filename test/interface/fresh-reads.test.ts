import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { metadataListOf, metadataOf, namesOf, valuesOf } from '../support/answers.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(() => registry.close());

// The client changes the API process with each call, so one process writes and another one reads.
describe('a read after a write', () => {
  it('a read after a write sees the write on every API process, hundreds of times', {
    timeout: 120_000,
  }, async () => {
    const publish = async (space: string, rounds: number) => {
      for (let round = 1; round <= rounds; round += 1) {
        const version = `1.0.${round}`;
        expect((await registry.upload(space, { name: 'web', version, values: { round } })).status).toBe(201);
        const [latest, versions, values, list] = await Promise.all([
          registry.api(`/spaces/${space}/charts/web/metadata/latest`).then(metadataOf),
          registry.api(`/spaces/${space}/charts/web/versions?limit=0`).then(namesOf),
          registry.api(`/spaces/${space}/charts/web/versions/${version}/manifests/values`).then(valuesOf),
          registry.api(`/spaces/${space}/metadata/latest`).then(metadataListOf),
        ]);
        expect([latest.version, versions.metadata.total, values.round]).toEqual([version, round, round]);
        expect(list.items.map((item) => item.version)).toEqual([version]);
      }
    };
    await Promise.all(['one', 'two', 'three', 'four'].map((space) => publish(space, 75)));
  });

  it('a read after a write sees deletions of versions, charts and spaces that are made again', async () => {
    const names = async (path: string) => (await registry.api(path).then(namesOf)).items;
    const remove = async (path: string) =>
      expect((await registry.api(path, { method: 'DELETE' })).status).toBe(204);
    for (let round = 0; round < 50; round += 1) {
      for (const version of ['1.0.0', '2.0.0'])
        await registry.upload('again', { name: `web-${round}`, version, values: { round } });
      await registry.upload('again', { name: 'same', values: { round } });
      const web = `/spaces/again/charts/web-${round}`;
      expect(await names('/spaces/again/charts')).toEqual(['same', `web-${round}`]);
      const same = await registry.api('/spaces/again/charts/same/versions/1.0.0/manifests/values');
      expect(await valuesOf(same)).toEqual({ round });
      await remove(`${web}/versions/1.0.0`);
      expect(await names(`${web}/versions`)).toEqual(['2.0.0']);
      await remove(web);
      expect((await registry.api(`${web}/versions`)).status).toBe(404);
      await remove('/spaces/again');
      expect((await registry.api('/spaces/again/charts')).status).toBe(404);
    }
  });
});

it('a list has an ETag, and is answered 304 until it changes', async () => {
  await registry.upload('tags', { name: 'web' });
  const path = '/spaces/tags/charts';
  const etag = (await registry.api(path)).headers.get('etag') ?? '';
  expect(etag).toMatch(/^".+"$/);
  const ask = () => registry.api(path, { headers: { 'If-None-Match': etag } });
  for (let n = 0; n < 2; n += 1) expect((await ask()).status).toBe(304);
  await registry.upload('tags', { name: 'other' });
  const changed = await ask();
  expect(changed.status).toBe(200);
  expect((await namesOf(changed)).items).toEqual(['other', 'web']);
});
