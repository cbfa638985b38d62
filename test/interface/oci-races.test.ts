import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packChart } from '../support/charts.ts';
import {
  descriptor,
  digest,
  imageType,
  manifestOf,
  openRepository,
  problemOf,
  tagsOf,
} from '../support/oci.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  // Long enough that no request fails with a lock timeout.
  registry = await startRegistry({ lockTimeout: 30_000 }, { worker: false });
});
afterAll(async () => {
  const [row] = await registry.db.query<{ deadlocks: number }>(
    'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()',
  );
  await registry.close();
  expect(row?.deadlocks).toBe(0);
});

const times = <T>(count: number, work: (number: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, number) => work(number)));
const statusesOf = (answers: readonly Response[]) => answers.map(({ status }) => status).sort();
const countOf = async (bytes: string | Buffer) =>
  (await registry.blobs()).filter((name) => name.endsWith(digest(bytes).slice('sha256:'.length))).length;

/** Checks that the configuration and all layers of a manifest can be pulled. @returns the layers */
async function expectWhole(repository: ReturnType<typeof openRepository>, reference: string) {
  const { config, layers } = await manifestOf(await repository.call(`manifests/${reference}`));
  for (const item of [config, ...layers]) {
    const got = await repository.call(`blobs/${item.digest}`);
    expect(digest(Buffer.from(await got.arrayBuffer()))).toBe(item.digest);
  }
  return layers;
}

describe('concurrent OCI requests', () => {
  it('concurrent pushes of one blob into several repositories store its bytes once', async () => {
    const bytes = Buffer.alloc(300_000, 'same');
    const answers = await times(16, (number) =>
      openRepository(registry, `races/to${number % 8}`).pushBlob(bytes),
    );
    expect(statusesOf(answers)).toEqual(Array(16).fill(201));
    expect(await countOf(bytes)).toBe(1);
    const got = await times(8, (number) =>
      openRepository(registry, `races/to${number}`).call(`blobs/${digest(bytes)}`),
    );
    expect(statusesOf(got)).toEqual(Array(8).fill(200));
  });

  it('concurrent chunks of the same range: one is accepted, the others get 416', async () => {
    const repository = openRepository(registry, 'races/chunks');
    const location = await repository.begin();
    const answers = await times(6, (number) => repository.patch(location, `chunk ${number}`, '0-6'));
    expect(statusesOf(answers)).toEqual([202, 416, 416, 416, 416, 416]);
    expect((await registry.request(location)).headers.get('range')).toBe('0-6');
  });

  it('concurrent PUTs that close one upload session: one succeeds', async () => {
    const repository = openRepository(registry, 'races/ends');
    const location = await repository.begin();
    await repository.patch(location, 'first ');
    await repository.patch(location, 'second');
    const answers = await times(6, () => repository.finish(location, digest('first second')));
    expect(statusesOf(answers)).toEqual([201, 404, 404, 404, 404, 404]);
    expect((await repository.call(`blobs/${digest('first second')}`)).status).toBe(200);
  });

  it('a closing PUT at the same time as a chunk makes a blob of its digest, or none', async () => {
    const repository = openRepository(registry, 'races/late');
    for (let round = 0; round < 8; round += 1) {
      const location = await repository.begin();
      const start = `round ${round}`;
      await repository.patch(location, start);
      const [end, chunk] = await Promise.all([
        repository.finish(location, digest(start)),
        repository.patch(location, ' and more'),
      ]);
      expect([201, 400, 416]).toContain(end.status);
      expect([202, 404, 416]).toContain(chunk.status);
      const got = await repository.call(`blobs/${digest(start)}`);
      expect(got.status).toBe(end.status === 201 ? 200 : 404);
    }
  });

  it('a whole blob at the same time as the cancellation of its upload session is stored, or refused and not there', async () => {
    const repository = openRepository(registry, 'races/cancelled');
    for (let round = 0; round < 12; round += 1) {
      const blobs = await times(4, async (number) => {
        const bytes = `round ${round}, blob ${number}`;
        return { bytes, location: await repository.begin() };
      });
      const answers = blobs.map(({ bytes, location }) => repository.finish(location, digest(bytes), bytes));
      const cancelled = blobs.map(({ location }) => registry.request(location, { method: 'DELETE' }));
      expect(statusesOf(await Promise.all(cancelled))).toEqual(Array(4).fill(204));
      for (const [index, { bytes, location }] of blobs.entries()) {
        const status = (await answers[index])?.status;
        expect([201, 404]).toContain(status);
        expect((await repository.call(`blobs/${digest(bytes)}`)).status).toBe(status === 201 ? 200 : 404);
        expect((await repository.finish(location, digest(bytes), bytes)).status).toBe(404);
      }
    }
  });

  it('concurrent manifests of one tag are all stored, and the tag is one of them', async () => {
    const repository = openRepository(registry, 'races/tag');
    const pushed = await times(8, (number) => repository.pushArtifact('moving', `layer ${number}`));
    expect(statusesOf(pushed.map(({ response }) => response))).toEqual(Array(8).fill(201));
    const now = await (await repository.call('manifests/moving')).text();
    expect(pushed.map(({ body }) => body)).toContain(now);
    for (const { digest: name } of pushed) await expectWhole(repository, name);
  });

  it('a manifest that is put several times while it is deleted is stored whole, or gone', async () => {
    const repository = openRepository(registry, 'races/again');
    const { body, digest: name } = await repository.pushArtifact('moving', 'layer of all rounds');
    for (let round = 0; round < 12; round += 1) {
      const [first, second, tagged, deleted] = await Promise.all([
        repository.put(name, body),
        repository.put(name, body),
        repository.put('moving', body),
        repository.remove(`manifests/${name}`),
      ]);
      expect(statusesOf([first, second, tagged])).toEqual([201, 201, 201]);
      expect([202, 404]).toContain(deleted.status);
      const byTag = await repository.call('manifests/moving');
      const byDigest = await repository.call(`manifests/${name}`);
      expect([200, 404]).toContain(byDigest.status);
      // A tag goes with its manifest, and comes with it alone.
      if (byTag.status === 200) expect(byDigest.status).toBe(200);
      if (byDigest.status === 200) await expectWhole(repository, name);
    }
  });

  it('a manifest and the deletion of its blob at the same time: one of them is refused', async () => {
    const repository = openRepository(registry, 'races/blob');
    const config = descriptor('application/vnd.oci.empty.v1+json', '{}');
    for (let round = 0; round < 10; round += 1) {
      const layer = `layer of round ${round}`;
      await Promise.all([repository.pushBlob('{}'), repository.pushBlob(layer)]);
      const layers = [descriptor('application/octet-stream', layer)];
      const body = JSON.stringify({ schemaVersion: 2, mediaType: imageType, config, layers });
      const [put, removed] = await Promise.all([
        repository.put(`v${round}`, body),
        repository.remove(`blobs/${digest(layer)}`),
      ]);
      if (put.status === 201) {
        expect(removed.status).toBe(405);
        await expectWhole(repository, `v${round}`);
      } else {
        expect([put.status, removed.status]).toEqual([400, 202]);
      }
    }
  });

  it('concurrent pushes of one version leave one of them, whole', async () => {
    const archives = await times(6, (a) => packChart({ name: 'web', values: { a } }));
    const repository = openRepository(registry, 'races/web');
    const pushed = await Promise.all(archives.map((archive) => repository.pushChart(archive, '1.0.0')));
    expect(statusesOf(pushed.map(({ response }) => response))).toEqual(Array(6).fill(201));
    const [layer] = await expectWhole(repository, '1.0.0');
    const stored = await registry.api('/spaces/races/charts/web/versions/1.0.0');
    expect(digest(Buffer.from(await stored.arrayBuffer()))).toBe(layer?.digest);
    expect(await tagsOf(await repository.call('tags/list'))).toEqual(['1.0.0']);
  });

  it('concurrent pushes of one immutable version: one is accepted', async () => {
    await registry.api('/spaces?space=fixed', { method: 'POST' });
    await registry.api('/spaces/fixed', {
      method: 'PATCH',
      headers: { 'Content-Type': 'application/json' },
      body: '{"overwriting":"immutable"}',
    });
    const archives = await times(6, (a) => packChart({ name: 'web', values: { a } }));
    const repository = openRepository(registry, 'fixed/web');
    const pushed = await Promise.all(archives.map((archive) => repository.pushChart(archive, '1.0.0')));
    expect(statusesOf(pushed.map(({ response }) => response))).toEqual([201, 409, 409, 409, 409, 409]);
    const winner = pushed.find(({ response }) => response.status === 201);
    expect(await (await repository.call('manifests/1.0.0')).text()).toBe(winner?.body);
  });

  it('after an upload and a push of one version at once, version and tag are the same chart', async () => {
    for (let round = 0; round < 5; round += 1) {
      const version = `1.0.${round}`;
      const [uploaded, pushed] = await times(2, (a) => packChart({ name: 'doors', version, values: { a } }));
      if (!uploaded || !pushed) throw new Error('no charts');
      const repository = openRepository(registry, 'races/doors');
      const [rest, oci] = await Promise.all([
        registry.upload('races', uploaded),
        repository.pushChart(pushed, version),
      ]);
      expect([201, 409]).toContain(rest.status);
      expect(oci.response.status).toBe(201);
      const [layer] = await expectWhole(repository, version);
      expect(layer?.digest).toBe(digest(pushed));
    }
  });

  it('a version pulled during pushes and deletions is whole or missing', async () => {
    const archives = await times(4, (a) => packChart({ name: 'churn', values: { a } }));
    const repository = openRepository(registry, 'races/churn');
    let over = false;
    const pulls = times(3, async () => {
      while (!over) {
        const tagged = await repository.call('manifests/1.0.0');
        if (tagged.status === 404) continue;
        const [layer] = (await manifestOf(tagged)).layers;
        const got = await repository.call(`blobs/${layer?.digest}`);
        // The bytes of a deleted blob stay for the grace period.
        expect(digest(Buffer.from(await got.arrayBuffer()))).toBe(layer?.digest);
      }
    });
    for (let round = 0; round < 6; round += 1) {
      const answers = await Promise.all([
        ...archives.map(async (archive) => (await repository.pushChart(archive, '1.0.0')).response),
        repository.remove('manifests/1.0.0'),
        registry.api('/spaces/races/charts/churn/versions/1.0.0', { method: 'DELETE' }),
      ]);
      for (const answer of answers) expect([201, 202, 204, 404]).toContain(answer.status);
    }
    over = true;
    await pulls;
    const [rows] = await registry.db.query<{ charts: number; versions: number }>(
      `SELECT (SELECT count(*) FROM charts c WHERE c.space_id = s.id) = s.chart_count AS charts,
              (SELECT count(*) FROM versions v JOIN charts c ON c.id = v.chart_id WHERE c.space_id = s.id)
              = s.version_count AS versions
         FROM spaces s WHERE s.name = 'races'`,
    );
    expect(rows).toEqual({ charts: true, versions: true });
  });

  it('a pull in two steps succeeds while its version is rewritten', async () => {
    await registry.upload('races', { name: 'rewritten', values: { a: 0 } });
    const repository = openRepository(registry, 'races/rewritten');
    let over = false;
    const pulls = times(3, async () => {
      let count = 0;
      for (; !over; count += 1) {
        const head = await repository.call('manifests/1.0.0', { method: 'HEAD' });
        await expectWhole(repository, head.headers.get('docker-content-digest') ?? '');
      }
      return count;
    });
    for (let a = 1; a <= 15; a += 1) {
      const path = '/spaces/races/charts/rewritten/versions/1.0.0/manifests/values';
      const headers = { 'Content-Type': 'application/json' };
      const put = await registry.api(path, { method: 'PUT', headers, body: JSON.stringify({ a }) });
      expect(put.status).toBe(200);
    }
    over = true;
    for (const count of await pulls) expect(count).toBeGreaterThan(0);
  });

  it('a manifest pulled during deletions of its version and its blobs is 200 or 404', async () => {
    const archive = await packChart({ name: 'fleeting' });
    const repository = openRepository(registry, 'races/fleeting');
    await registry.upload('races', archive);
    const { config } = await manifestOf(await repository.call('manifests/1.0.0'));
    const path = '/spaces/races/charts/fleeting/versions/1.0.0';
    const seen = new Set<number>();
    for (let round = 0; round < 40; round += 1) {
      await registry.api(path, { method: 'DELETE' });
      await registry.upload('races', archive);
      const pulls = times(4, async () => seen.add((await repository.call('manifests/1.0.0')).status));
      const removals = times(4, () => repository.remove(`blobs/${config.digest}`));
      await Promise.all([...(await removals), registry.api(path, { method: 'DELETE' })]);
      await pulls;
    }
    expect([...seen].filter((status) => status !== 200 && status !== 404)).toEqual([]);
  });

  it('a push into a space that is being deleted is stored as a whole or not at all', async () => {
    for (let round = 0; round < 4; round += 1) {
      const pushes = times(6, (number) =>
        openRepository(registry, `vanishing/art${number}`).pushArtifact('v1', `${round} ${number}`),
      );
      const deleted = registry.api('/spaces/vanishing', { method: 'DELETE' });
      const answers = await pushes;
      expect([204, 404]).toContain((await deleted).status);
      for (const { response } of answers) {
        // A blob may be deleted with the space before its manifest is put.
        if (response.status !== 201)
          expect(await problemOf(response)).toMatchObject({ code: 'MANIFEST_BLOB_UNKNOWN' });
      }
      for (let number = 0; number < 6; number += 1) {
        const repository = openRepository(registry, `vanishing/art${number}`);
        if ((await repository.call('manifests/v1')).status === 200) await expectWhole(repository, 'v1');
      }
    }
  });

  it('a blob pushed into a space that is being deleted is stored, or its space is not found', async () => {
    await registry.api('/spaces?space=leaving', { method: 'POST' });
    for (let round = 0; round < 20; round += 1) {
      const pushes = times(8, (number) =>
        openRepository(registry, `leaving/art${number % 4}`).pushBlob(`blob ${round} ${number}`),
      );
      const deleted = registry.api('/spaces/leaving', { method: 'DELETE' });
      expect([204, 404]).toContain((await deleted).status);
      // The space is created again by a push that comes after its deletion.
      for (const status of statusesOf(await pushes)) expect([201, 404]).toContain(status);
    }
  });
});
