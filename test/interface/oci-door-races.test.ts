import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packChart } from '../support/charts.ts';
import { digest, manifestOf, openRepository } from '../support/oci.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry({ lockTimeout: 30_000 }, { workers: 3 });
});
afterAll(() => registry.close());

/**
 * Repeats a read in several loops until stopped.
 * @returns stops the loops, and throws the first failure of one
 */
function keepAsking(ask: () => Promise<void>, readers = 3): () => Promise<void> {
  let isOver = false;
  const asking = Array.from({ length: readers }, async () => {
    while (!isOver) await ask();
  });
  const all = Promise.all(asking);
  // The returned function reports a failure; without this handler Node would end the process before.
  all.catch(() => undefined);
  return async () => {
    isOver = true;
    await all;
  };
}

describe('requests through several interfaces at once', () => {
  it('an immutable version published through every interface at once has one manifest for all readers', async () => {
    await registry.api('/spaces?space=fixed&overwriting=immutable', { method: 'POST' });
    const repository = openRepository(registry, 'fixed/web');
    for (let round = 0; round < 5; round += 1) {
      const version = `1.0.${round}`;
      const archive = await packChart({ name: 'web', version });
      const other = await packChart({ name: 'web', version, values: { other: true } });
      const digests = new Set<string>();
      const stop = keepAsking(async () => {
        const answer = await repository.call(`manifests/${version}`);
        expect([200, 404]).toContain(answer.status);
        const body = await answer.text();
        if (answer.status === 200) digests.add(digest(body));
      });
      const pushes = ['first', 'second'].map((note) => repository.pushChart(archive, version, { note }));
      const [pushed, otherPushed, ...uploaded] = await Promise.all([
        Promise.all(pushes),
        repository.pushChart(other, version),
        registry.upload('fixed', archive),
        registry.upload('fixed', other),
        registry.request('/api/fixed/charts', { method: 'POST', body: new Uint8Array(archive) }),
      ]);
      await stop();
      const all = [...pushed.map(({ response }) => response), otherPushed.response, ...uploaded];
      for (const { status } of all) expect([201, 409]).toContain(status);
      expect(all.filter(({ status }) => status === 201)).toHaveLength(1);
      const last = await repository.call(`manifests/${version}`);
      digests.add(digest(await last.text()));
      expect([...digests]).toHaveLength(1);
    }
  });

  it('a manifest that is read while its chart is composed and deleted is whole or missing', async () => {
    await registry.upload('made', { name: 'base' });
    const repository = openRepository(registry, 'made/app');
    const stop = keepAsking(async () => {
      const [tagged, headed, tags, download] = await Promise.all([
        repository.call('manifests/1.0.0'),
        repository.call('manifests/1.0.0', { method: 'HEAD' }),
        repository.call('tags/list'),
        registry.api('/spaces/made/charts/app/versions/1.0.0'),
      ]);
      for (const { status } of [tagged, headed, tags, download]) expect([200, 404]).toContain(status);
      if (tagged.status !== 200) return;
      const name = tagged.headers.get('docker-content-digest') ?? '';
      const { layers } = await manifestOf(tagged);
      const again = await repository.call(`manifests/${name}`);
      expect([200, 404]).toContain(again.status);
      if (again.status === 200) expect(digest(await again.text())).toBe(name);
      for (const layer of layers) {
        const got = await repository.call(`blobs/${layer.digest}`);
        expect([200, 404]).toContain(got.status);
        if (got.status === 200) expect(digest(Buffer.from(await got.arrayBuffer()))).toBe(layer.digest);
      }
    });
    for (let round = 0; round < 20; round += 1) {
      const recipe = {
        save: { chart: 'app', version: '1.0.0' },
        configs: {
          package: { independent: true, space: 'made', chart: 'base', version: '1.0.0' },
          _config: { round },
        },
      };
      const made = await registry.orchestrate('made', recipe);
      expect(made.status).toBe(201);
      const gone =
        round % 2 === 0
          ? await repository.remove('manifests/1.0.0')
          : await registry.api('/spaces/made/charts/app/versions/1.0.0', { method: 'DELETE' });
      expect([202, 204]).toContain(gone.status);
    }
    await stop();
  });
});
