import { describe, expect, it, vi } from 'vitest';
import { collectGarbage } from '../core/maintenance/collect.ts';
import { expireOci } from '../core/oci/expire.ts';
import { packChart } from './support/charts.ts';
import { useMaintenance } from './support/maintenance.ts';
import { digest, manifestOf, openRepository } from './support/oci.ts';

const use = useMaintenance();
const stored = async () => (await use.stored()).length;

const day = 86_400;
const collect = (times: { graceSeconds?: number; expirySeconds?: number } = {}) =>
  collectGarbage(use.maintenance, { graceSeconds: 0, expirySeconds: day, ...times });
const age = (table: string, column: string, interval: string) =>
  use.maintenance.db.query(`UPDATE ${table} SET ${column} = ${column} - $1::interval`, [interval]);

/** Runs work with the clock of this process set to another time; PostgreSQL's goes on. */
async function whenItWas<T>(now: number, work: () => Promise<T>): Promise<T> {
  vi.useFakeTimers({ toFake: ['Date'], now });
  try {
    return await work();
  } finally {
    vi.useRealTimers();
  }
}

describe('an upload session', () => {
  it('an upload session keeps its chunks while it is used, and is deleted after its expiry', async () => {
    const repository = openRepository(use.registry, 'lib/any');
    const location = await whenItWas(Date.now() - 2 * day * 1000, repository.begin);
    expect((await use.registry.request(location)).status).toBe(404);
    const used = await whenItWas(Date.now() - 2 * day * 1000, async () => {
      const started = await repository.begin();
      await repository.patch(started, 'one');
      return started;
    });
    await repository.patch(used, 'two');
    await collect();
    expect(await stored()).toBe(2);
    expect((await use.registry.request(used)).headers.get('range')).toBe('0-5');
    await age('oci_uploads', 'touched_at', '2 days');
    await collect();
    expect((await use.registry.request(used)).status).toBe(404);
    expect(await stored()).toBe(0);
  });

  it('an upload session does not expire while a chunk is being sent', async () => {
    const repository = openRepository(use.registry, 'lib/any');
    const location = await repository.begin();
    await repository.patch(location, 'very ');
    await age('oci_uploads', 'touched_at', '2 days');
    let send = (_: Uint8Array) => {};
    let end = () => {};
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        send = (bytes) => controller.enqueue(bytes);
        end = () => controller.close();
      },
    });
    const chunk = fetch(`${use.registry.url}${location}`, { method: 'PATCH', body, duplex: 'half' });
    send(Buffer.from('slow'));
    await expect
      .poll(() =>
        use.maintenance.db.query(`SELECT 1 FROM oci_uploads WHERE touched_at > now() - interval '1 day'`),
      )
      .toHaveLength(1);
    await collect();
    end();
    expect((await chunk).status).toBe(202);
    expect((await repository.finish(location, digest('very slow'))).status).toBe(201);
  });

  it('a finished upload session leaves the blob alone', async () => {
    const repository = openRepository(use.registry, 'lib/any');
    const location = await repository.begin();
    for (const part of ['a', 'b', 'c']) await repository.patch(location, part);
    await repository.finish(location, digest('abc'));
    expect(await stored()).toBe(4);
    await collect();
    expect(await stored()).toBe(1);
    expect(await (await repository.call(`blobs/${digest('abc')}`)).text()).toBe('abc');
  });
});

describe('an upload session of an earlier release', () => {
  it('an upload session that has a row and an unsigned id goes on, and is gone once it has ended', async () => {
    const repository = openRepository(use.registry, 'lib/any');
    const path = `/v2/${repository.name}/blobs/uploads/`;
    const [inOne = '', inChunks = '', cancelled = ''] = ['6f0d8a4e', '7f0d8a4e', '8f0d8a4e'].map(
      (start) => `${path}${start}-0000-4000-8000-000000000000`,
    );
    for (const location of [inOne, inChunks, cancelled]) {
      expect((await use.registry.request(location)).status).toBe(404);
      await use.maintenance.db.query('INSERT INTO oci_uploads (id, repository) VALUES ($1, $2)', [
        location.slice(path.length),
        repository.name,
      ]);
    }
    expect((await repository.finish(inOne, digest('in one'), 'in one')).status).toBe(201);
    expect((await repository.patch(inChunks, 'in ')).headers.get('location')).toBe(inChunks);
    expect((await repository.finish(inChunks, digest('in chunks'), 'chunks')).status).toBe(201);
    expect((await use.registry.request(cancelled, { method: 'DELETE' })).status).toBe(204);
    for (const location of [inOne, inChunks, cancelled])
      expect((await use.registry.request(location)).status).toBe(404);
    await collect();
    expect(await stored()).toBe(2);
  });
});

describe('a blob', () => {
  it('a blob without a manifest is deleted after its expiry', async () => {
    const repository = openRepository(use.registry, 'lib/any');
    await repository.pushBlob('waits');
    await collect();
    expect((await repository.call(`blobs/${digest('waits')}`)).status).toBe(200);
    await age('oci_blobs', 'idle_since', '2 days');
    await collect();
    expect((await repository.call(`blobs/${digest('waits')}`)).status).toBe(404);
    expect(await stored()).toBe(0);
  });

  it('a blob stays while a manifest references it, and for the grace period after', async () => {
    const repository = openRepository(use.registry, 'lib/any');
    const { digest: name } = await repository.pushArtifact('v1', 'named');
    await age('oci_blobs', 'idle_since', '2 days');
    await collect();
    expect(await stored()).toBe(2);
    await repository.remove(`manifests/${name}`);
    await collect({ graceSeconds: 3600 });
    expect((await repository.call(`blobs/${digest('named')}`)).status).toBe(200);
    await collect();
    expect((await repository.call(`blobs/${digest('named')}`)).status).toBe(404);
    expect(await stored()).toBe(0);
  });

  it('a blob of two manifests is deleted after the second', async () => {
    const repository = openRepository(use.registry, 'lib/any');
    const first = await repository.pushArtifact('v1', 'both', { annotations: { n: '1' } });
    const second = await repository.pushArtifact('v2', 'both', { annotations: { n: '2' } });
    await repository.remove(`manifests/${first.digest}`);
    await collect();
    expect((await repository.call(`blobs/${digest('both')}`)).status).toBe(200);
    await repository.remove(`manifests/${second.digest}`);
    await collect();
    expect(await stored()).toBe(0);
  });
});

describe('the manifest of a version', () => {
  it('the manifest of a version is deleted with the version, and its blobs after the grace period', async () => {
    await use.registry.upload('lib', { name: 'web' });
    const repository = openRepository(use.registry, 'lib/web');
    const tagged = await repository.call('manifests/1.0.0');
    const name = tagged.headers.get('docker-content-digest') ?? '';
    const { config } = await manifestOf(tagged);
    expect(
      (await use.registry.api('/spaces/lib/charts/web/versions/1.0.0', { method: 'DELETE' })).status,
    ).toBe(204);
    expect((await repository.call(`manifests/${name}`)).status).toBe(404);
    await collect();
    expect((await repository.call(`blobs/${config.digest}`)).status).toBe(404);
    expect(await stored()).toBe(0);
  });

  it('the manifest of a rewritten version can be pulled for the grace period', async () => {
    const archive = await packChart({ name: 'web', values: { a: 1 } });
    await use.registry.upload('lib', archive);
    const repository = openRepository(use.registry, 'lib/web');
    const before = (await repository.call('manifests/1.0.0')).headers.get('docker-content-digest') ?? '';
    await use.registry.api('/spaces/lib/charts/web/versions/1.0.0/manifests/values', {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json' },
      body: '{"a":2}',
    });
    const after = (await repository.call('manifests/1.0.0')).headers.get('docker-content-digest') ?? '';
    expect(after).not.toBe(before);
    expect((await repository.call(`manifests/${before}`)).status).toBe(200);
    expect((await repository.call(`blobs/${digest(archive)}`)).status).toBe(200);
    await collect();
    expect((await repository.call(`manifests/${before}`)).status).toBe(404);
    expect((await repository.call(`blobs/${digest(archive)}`)).status).toBe(404);
    expect((await repository.call(`manifests/${after}`)).status).toBe(200);
  });
});

describe('concurrent expiries', () => {
  it('concurrent expiries delete each blob once', async () => {
    const repository = openRepository(use.registry, 'lib/any');
    const pushed = await Promise.all(
      Array.from({ length: 40 }, (_, number) => repository.pushBlob(`blob ${number}`)),
    );
    expect(pushed.map(({ status }) => status)).toEqual(pushed.map(() => 201));
    await age('oci_blobs', 'idle_since', '2 days');
    const both = await Promise.all(
      [1, 2].map(() => expireOci(use.maintenance.db, { expirySeconds: day, graceSeconds: 0 })),
    );
    expect(both.reduce((sum, { blobs }) => sum + blobs, 0)).toBe(40);
    await collect();
  });
});

describe('pushes, deletions and collections of the same blobs', () => {
  it('a blob pushed again after its deletion is whole, whatever collections and other pushes do', {
    timeout: 120_000,
  }, async () => {
    const contents = ['first', 'second', 'third'];
    const repositories = ['lib/one', 'lib/two', 'other/one'].map((name) =>
      openRepository(use.registry, name),
    );
    let over = false;
    const collecting = (async () => {
      while (!over) await collect();
    })();
    for (let round = 0; round < 10; round += 1) {
      const pushing = repositories.map(async (repository) => {
        const statuses = await Promise.all(
          contents.map(async (content) => {
            const location = await repository.begin();
            const pushed = await repository.finish(location, digest(content), content);
            const removed = await repository.remove(`blobs/${digest(content)}`);
            const again = await repository.finish(location, digest(content), content);
            return [pushed.status, removed.status, again.status];
          }),
        );
        expect(statuses).toEqual(contents.map(() => [201, 202, 201]));
        for (const content of contents)
          expect(await (await repository.call(`blobs/${digest(content)}`)).text()).toBe(content);
      });
      await Promise.all(pushing);
    }
    over = true;
    await collecting;
    expect(await stored()).toBe(contents.length);
  });
});

describe('collections and pushes of the same content', () => {
  it('a push answered 201 during collections of the same content is whole', {
    timeout: 120_000,
  }, async () => {
    const repository = openRepository(use.registry, 'lib/any');
    const archive = await packChart({ name: 'web' });
    let over = false;
    const collecting = (async () => {
      while (!over) await collect();
    })();
    for (let round = 0; round < 12; round += 1) {
      const pushes = await Promise.all([
        repository.pushArtifact('v1', 'the same layer', { annotations: { round: String(round) } }),
        openRepository(use.registry, 'lib/other').pushArtifact('v1', 'the same layer'),
        openRepository(use.registry, 'lib/web').pushChart(archive, '1.0.0', { note: String(round) }),
      ]);
      expect(pushes.map(({ response }) => response.status)).toEqual([201, 201, 201]);
      for (const name of ['any', 'other', 'web']) {
        const tag = name === 'web' ? '1.0.0' : 'v1';
        const pushed = openRepository(use.registry, `lib/${name}`);
        const { config, layers } = await manifestOf(await pushed.call(`manifests/${tag}`));
        for (const item of [config, ...layers])
          expect((await pushed.call(`blobs/${item.digest}`)).status).toBe(200);
        const removed = await pushed.remove(
          `manifests/${pushes[['any', 'other', 'web'].indexOf(name)]?.digest}`,
        );
        expect(removed.status).toBe(202);
      }
    }
    over = true;
    await collecting;
    await collect();
    expect(await stored()).toBe(0);
  });
});

describe('a manifest', () => {
  const waiting = async () =>
    (
      await use.maintenance.db.query(
        "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
      )
    ).length;
  const untilWaiting = (count: number) => expect.poll(waiting, { timeout: 20_000 }).toBe(count);
  const blobs = [digest('{}'), digest('a layer')].sort();
  const lockBlob = 'SELECT FROM oci_blobs WHERE digest = $1 FOR NO KEY UPDATE';

  it.each(['put by its digest', 'deleted', 'deleted with its version', 'expired'])(
    'a manifest that is put under a tag while it is added and %s waits for none of them in a circle',
    async (other) => {
      const repository = openRepository(use.registry, 'lib/any');
      const { body, digest: manifest } = await repository.pushArtifact('v1', 'a layer');
      const { db } = use.maintenance;
      await use.registry.upload('lib', { name: 'any' });
      const [row] = await db.query<{ repository_id: number; media_type: string; content: Buffer }>(
        'DELETE FROM oci_manifests WHERE digest = $1 RETURNING *',
        [manifest],
      );
      // Each transaction of the test holds one blob, so that the push stops at the first and at the second.
      const answers = await db.transaction(async (second) => {
        const pushed = await db.transaction(async (first) => {
          await first.query(lockBlob, [blobs[0]]);
          await second.query(lockBlob, [blobs[1]]);
          const push = repository.put('v2', body);
          await untilWaiting(1);
          // The push has begun, so that its statement does not see this row.
          await first.query(
            `INSERT INTO oci_manifests (repository_id, digest, media_type, content, counted, retired_at)
           VALUES ($1, $2, $3, $4, true, CASE WHEN $5 THEN now() - interval '1 day' END)`,
            [row?.repository_id, manifest, row?.media_type, row?.content, other === 'expired'],
          );
          await first.query(
            `INSERT INTO oci_manifest_blobs (manifest_id, repository_id, digest)
           SELECT m.id, m.repository_id, b.digest FROM oci_manifests m, unnest($2::text[]) AS b (digest) WHERE m.digest = $1`,
            [manifest, blobs],
          );
          if (other === 'deleted with its version')
            await first.query(
              `INSERT INTO oci_chart_manifests (version_id, manifest_id, archive)
             SELECT v.id, m.id, v.digest FROM versions v, oci_manifests m WHERE m.digest = $1`,
              [manifest],
            );
          return { push };
        });
        // The push has the first blob now, and waits for the second.
        await expect
          .poll(() => db.query(`${lockBlob} SKIP LOCKED`, [blobs[0]]), { timeout: 20_000 })
          .toEqual([]);
        await untilWaiting(1);
        const others = {
          'put by its digest': async () => (await repository.put(manifest, body)).status,
          deleted: async () => (await repository.remove(`manifests/${manifest}`)).status,
          'deleted with its version': async () =>
            (await use.registry.api('/spaces/lib/charts/any/versions/1.0.0', { method: 'DELETE' })).status,
          expired: async () => (await expireOci(db, { expirySeconds: day, graceSeconds: 60 })).manifests,
        };
        const ended = others[other as keyof typeof others]();
        await untilWaiting(2);
        return { ...pushed, ended };
      });
      expect((await answers.push).status).toBe(201);
      const expected = {
        'put by its digest': 201,
        deleted: 202,
        'deleted with its version': 204,
        expired: 0,
      };
      expect(await answers.ended).toBe(expected[other as keyof typeof expected]);
      const stays = other !== 'deleted';
      expect((await repository.call('manifests/v2')).status).toBe(stays ? 200 : 404);
    },
  );

  it('a version that is restored locks the blobs of its manifest before the row of its chart', async () => {
    const repository = openRepository(use.registry, 'lib/web');
    const { body } = await repository.pushChart(await packChart({ name: 'web' }), '1.0.0');
    await use.registry.upload('lib', { name: 'web', version: '2.0.0' });
    const path = '/spaces/lib/charts/web/versions/1.0.0';
    expect((await use.registry.api(path, { method: 'DELETE' })).status).toBe(204);
    const { restoring } = await use.maintenance.db.transaction(async (tx) => {
      const { config } = JSON.parse(body);
      expect(await tx.query(lockBlob, [config.digest])).toHaveLength(1);
      const restoring = use.registry.api(`${path}/restore`, { method: 'POST' });
      await untilWaiting(1);
      const chart = "SELECT FROM charts WHERE name = 'web' FOR NO KEY UPDATE NOWAIT";
      expect(await tx.query(chart)).toHaveLength(1);
      return { restoring };
    });
    expect((await restoring).status).toBe(200);
    expect(digest(await (await repository.call('manifests/1.0.0')).text())).toBe(digest(body));
  });
});
