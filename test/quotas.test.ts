import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { spaceDetailsList } from '../api/details-schemas.ts';
import { spaceShape } from '../api/schemas.ts';
import { digestOf } from '../core/blobs/content.ts';
import { signInTheClear } from '../core/chart/provenance.fixture.ts';
import { expireOci } from '../core/oci/expire.ts';
import { announceQuotas } from '../core/quotas/announce-quotas.ts';
import { errorOf, followOf, jobOf } from './support/answers.ts';
import { packChart } from './support/charts.ts';
import { chartForm } from './support/client.ts';
import { type EmbeddedRegistry, startEmbedded } from './support/embedded.ts';
import { descriptor, imageType, openRepository, problemOf } from './support/oci.ts';
import { startReceiver } from './support/receiver.ts';
import { createWebhooks, sendJson } from './support/webhooks.ts';

let registry: EmbeddedRegistry;
let worker: { close(): Promise<void> };
let space: string;
let test = 0;
beforeAll(async () => {
  registry = await startEmbedded({ quotaVersions: 500 }, { worker: false });
  worker = await registry.startWorker();
  await registry.upload('lib', { name: 'web' });
});
afterAll(() => registry.close());
beforeEach(async () => {
  test += 1;
  space = `space-${test}`;
  await registry.api(`/spaces?space=${space}`, { method: 'POST' });
});

const setQuota = async (quota: object) =>
  expect((await sendJson(registry, 'PATCH', `/spaces/${space}`, { quota })).status).toBe(200);
const quotaOf = async (name = space) => {
  const { quota } = spaceShape.parse(await (await registry.api(`/spaces/${name}`)).json());
  if (!quota) throw new Error('a space shows no quota');
  return quota;
};
const usedBytes = async () => (await quotaOf()).bytes.used;
/** Packs a chart that cannot be made smaller. */
const packRandom = (bytes: number, name = 'web', version = '1.0.0') =>
  packChart({ name, version, files: { 'data.bin': randomBytes(bytes) } });
const recipe = (chart: string, version = '1.0.0', more: object = {}) => ({
  save: { chart, version, ...more },
  configs: { package: { independent: true, space: 'lib', chart: 'web', version: '*' } },
});
/** Counts anew what the triggers have counted. */
async function expectCountsTrue(): Promise<void> {
  const wrong = await registry.db.query(
    `WITH used AS (
       SELECT c.space_id, b.digest, b.size FROM versions v JOIN charts c ON c.id = v.chart_id
              CROSS JOIN LATERAL (VALUES (v.digest, v.size), (v.provenance, v.provenance_size)) b (digest, size)
        WHERE b.digest IS NOT NULL
       UNION ALL
       SELECT r.space_id, b.blob, b.size FROM oci_blobs b JOIN oci_repositories r ON r.id = b.repository_id
        WHERE b.blob IS NOT NULL
       UNION ALL
       SELECT r.space_id, m.digest, octet_length(m.content) FROM oci_manifests m JOIN oci_repositories r ON r.id = m.repository_id
        WHERE m.counted
     ), counted AS (SELECT space_id, digest, max(size) AS size, count(*) AS uses FROM used GROUP BY 1, 2)
     (SELECT * FROM counted EXCEPT SELECT space_id, digest, size, uses FROM space_blobs)
     UNION ALL (SELECT space_id, digest, size, uses FROM space_blobs EXCEPT SELECT * FROM counted)
     UNION ALL
     SELECT u.space_id, 'bytes', u.bytes, coalesce(b.bytes, 0)
       FROM (SELECT space_id, sum(bytes)::bigint AS bytes FROM space_usage GROUP BY 1) u
            LEFT JOIN (SELECT space_id, sum(size)::bigint AS bytes FROM counted GROUP BY 1) b USING (space_id)
      WHERE u.bytes <> coalesce(b.bytes, 0)`,
  );
  expect(wrong).toEqual([]);
}

describe('a quota of versions', () => {
  it('refuses one more by every door, each in its own format, with the numbers', async () => {
    await registry.upload(space, { name: 'web' });
    await setQuota({ versions: 1 });
    const message = `Space ${space} has a quota of 1 versions. It uses 1, and this would add 1. Nothing was stored: delete versions that nobody needs, or ask an admin of the registry for a larger quota.`;
    const archive = await packChart({ name: 'web', version: '2.0.0' });
    const details = { space, quota: 'versions', limit: 1, used: 1, added: 1 };

    const upload = await registry.upload(space, archive);
    expect(upload.status).toBe(403);
    expect(await errorOf(upload)).toMatchObject({ code: 'quota.exceeded', message, details });

    const museum = await registry.request(`/api/${space}/charts`, {
      method: 'POST',
      body: new Uint8Array(archive),
    });
    expect([museum.status, await museum.json()]).toEqual([403, { error: message }]);

    const repository = openRepository(registry, `${space}/web`);
    const { response } = await repository.pushChart(archive, '2.0.0');
    expect(await problemOf(response)).toEqual({ status: 403, code: 'DENIED', message });

    const composed = await registry.orchestrate(space, recipe('shop'));
    expect(composed.status).toBe(403);
    expect(await errorOf(composed)).toMatchObject({ code: 'quota.exceeded', details });

    expect((await quotaOf()).versions).toEqual({ used: 1, limit: 1 });
    // Another archive of the version adds none.
    const again = await registry.api(`/spaces/${space}/charts/web/versions/1.0.0`, {
      method: 'PUT',
      body: chartForm(await packRandom(10)),
    });
    expect(again.status).toBe(200);
    await registry.api(`/spaces/${space}/charts/web/versions/1.0.0`, { method: 'DELETE' });
    expect((await registry.upload(space, archive)).status).toBe(201);
    await expectCountsTrue();
  });

  it('a quota of versions is not passed by uploads at once, whichever door they take', async () => {
    await setQuota({ versions: 7 });
    const statuses = await Promise.all(
      Array.from({ length: 24 }, async (_, n) => {
        const archive = await packChart({ name: `chart-${n}` });
        if (n % 3 === 0) return (await registry.upload(space, archive)).status;
        if (n % 3 === 1) return (await registry.orchestrate(space, recipe(`chart-${n}`))).status;
        return (await openRepository(registry, `${space}/chart-${n}`).pushChart(archive, '1.0.0')).response
          .status;
      }),
    );
    expect(statuses.filter((status) => status === 201)).toHaveLength(7);
    expect(statuses.filter((status) => status === 403)).toHaveLength(17);
    expect((await quotaOf()).versions.used).toBe(7);
    await expectCountsTrue();
  });

  it('a quota of versions is the default of the registry unless the space has its own, or none', async () => {
    expect((await quotaOf()).versions.limit).toBe(500);
    await setQuota({ versions: 0 });
    expect((await quotaOf()).versions.limit).toBeNull();
    await setQuota({ versions: 3, bytes: 1_000 });
    await setQuota({ versions: null });
    expect(await quotaOf()).toMatchObject({ versions: { limit: 500 }, bytes: { limit: 1_000 } });
    const listed = spaceDetailsList.parse(await (await registry.api(`/details?q=${space}`)).json());
    expect(listed.items[0]?.quota).toEqual(await quotaOf());
    for (const quota of [{ bytes: -1 }, { versions: 1.5 }, { charts: 1 }, 7]) {
      const refused = await sendJson(registry, 'PATCH', `/spaces/${space}`, { quota });
      expect(refused.status, JSON.stringify(quota)).toBe(400);
    }
  });
});

describe('a quota of bytes', () => {
  it('counts a blob once a space, and the difference where an archive is replaced', async () => {
    const archive = await packRandom(10_000);
    await registry.upload(space, archive);
    expect(await usedBytes()).toBe(archive.length);
    // The config and the manifest are new, and so are the layer's rows, but not its bytes.
    const repository = openRepository(registry, `${space}/web`);
    await repository.pushChart(archive, '1.0.0');
    const config = (await usedBytes()) - archive.length;
    expect(config).toBeLessThan(1_000);
    const other = openRepository(registry, `${space}/other`);
    const mounted = await other.call(`blobs/uploads/?mount=${digestOf(archive)}&from=${space}/web`, {
      method: 'POST',
    });
    expect(mounted.status).toBe(201);
    expect(await usedBytes()).toBe(archive.length + config);

    await setQuota({ bytes: archive.length + config + 3_000 });
    const path = `/spaces/${space}/charts/web/versions/1.0.0`;
    const replace = async (bytes: number) =>
      (await registry.api(path, { method: 'PUT', body: chartForm(await packRandom(bytes)) })).status;
    // The archive before stays in the repositories.
    expect(await replace(2_000)).toBe(200);
    expect(await replace(20_000)).toBe(403);
    expect(await replace(2_100)).toBe(200);
    await expectCountsTrue();
  });

  it('refuses blobs, mounts, provenance files and rewritten values beyond it', async () => {
    const archive = await packRandom(1_000);
    await registry.upload(space, archive);
    const path = `/spaces/${space}/charts/web/versions/1.0.0`;
    await setQuota({ bytes: (await usedBytes()) + 100 });
    const repository = openRepository(registry, `${space}/artifact`);
    const blob = await repository.pushBlob(randomBytes(101));
    expect(await problemOf(blob)).toMatchObject({ status: 403, code: 'DENIED', message: /would add 101\./ });
    const session = await repository.begin();
    const chunk = randomBytes(200);
    await repository.patch(session, chunk);
    expect((await repository.finish(session, digestOf(chunk))).status).toBe(403);
    const elsewhere = randomBytes(300);
    await openRepository(registry, 'lib/artifact').pushBlob(elsewhere);
    const mounted = await repository.call(`blobs/uploads/?mount=${digestOf(elsewhere)}&from=lib/artifact`, {
      method: 'POST',
    });
    expect(mounted.status).toBe(403);
    const provenance = signInTheClear(
      `name: web\nversion: 1.0.0\ndescription: "${'long'.repeat(50)}"\n\n...\nfiles:\n  web-1.0.0.tgz: ${digestOf(archive)}\n`,
    );
    const signed = await registry.api(`${path}/provenance`, {
      method: 'PUT',
      body: new Uint8Array(provenance),
    });
    expect((await errorOf(signed)).code).toBe('quota.exceeded');
    const values = await sendJson(registry, 'PUT', `${path}/manifests/values`, {
      data: randomBytes(1_000).toString('base64'),
    });
    expect((await errorOf(values)).code).toBe('quota.exceeded');
    const composed = await registry.orchestrate(space, {
      ...recipe('shop'),
      configs: { ...recipe('shop').configs, _config: { data: randomBytes(1_000).toString('base64') } },
    });
    expect((await errorOf(composed)).code).toBe('quota.exceeded');
    // Nothing of them was stored, and what fits still is.
    expect(await usedBytes()).toBe(archive.length);
    expect((await repository.pushBlob(randomBytes(100))).status).toBe(201);
    expect((await repository.pushBlob(randomBytes(1))).status).toBe(403);
    await expectCountsTrue();
  });

  it('counts a manifest that somebody pushes, such as that of a signature, and none that is made for a pull', async () => {
    await registry.upload(space, await packRandom(1_000));
    const repository = openRepository(registry, `${space}/web`);
    const before = await usedBytes();
    const pulled = await repository.call('manifests/1.0.0');
    const chart = Buffer.from(await pulled.arrayBuffer());
    expect(await usedBytes()).toBe(before);

    await repository.pushBlob('{}');
    const empty = descriptor('application/vnd.oci.empty.v1+json', '{}');
    const attach = (note: string) => {
      const body = JSON.stringify({
        ...{ schemaVersion: 2, mediaType: imageType, artifactType: 'application/vnd.example' },
        ...{ config: empty, layers: [], subject: descriptor(imageType, chart), annotations: { note } },
      });
      return { body, put: () => repository.put(digestOf(Buffer.from(body)), body) };
    };
    const [small, large] = [attach('small'), attach('large'.repeat(500))];
    await setQuota({ bytes: before + 2 + small.body.length + chart.length });
    expect((await large.put()).status).toBe(403);
    expect(await usedBytes()).toBe(before + 2);
    // A manifest counts once, however often it is pushed; that of the chart does since somebody has.
    for (const { put } of [small, small]) expect((await put()).status).toBe(201);
    expect((await repository.put(digestOf(chart), chart)).status).toBe(201);
    expect(await usedBytes()).toBe(before + 2 + small.body.length + chart.length);
    await expectCountsTrue();
    await repository.remove(`manifests/${digestOf(Buffer.from(small.body))}`);
    expect(await usedBytes()).toBe(before + 2 + chart.length);
    await expectCountsTrue();
  });

  it('a restored version has its manifest back, which counts only where somebody has pushed it', async () => {
    for (const version of ['1.0.0', '2.0.0'])
      await registry.upload(space, await packRandom(1_000, 'web', version));
    const repository = openRepository(registry, `${space}/web`);
    const uploaded = await usedBytes();
    const manifestOf = async (version: string) =>
      Buffer.from(await (await repository.call(`manifests/${version}`)).arrayBuffer());
    await manifestOf('1.0.0');
    const pushed = await manifestOf('2.0.0');
    expect((await repository.put(digestOf(pushed), pushed)).status).toBe(201);
    expect(await usedBytes()).toBe(uploaded + pushed.length);
    const version = (name: string) => `/spaces/${space}/charts/web/versions/${name}`;
    for (const name of ['1.0.0', '2.0.0']) {
      expect((await registry.api(version(name), { method: 'DELETE' })).ok).toBe(true);
      const restored = await registry.api(`${version(name)}/restore`, { method: 'POST' });
      expect(await restored.json()).toMatchObject({ sameManifest: true });
      expect(await usedBytes()).toBe(uploaded + pushed.length);
    }
    await expectCountsTrue();
  });

  it('a quota of bytes is not passed by uploads at once', async () => {
    await setQuota({ bytes: 5_500 });
    const statuses = await Promise.all(
      Array.from(
        { length: 20 },
        async (_, n) =>
          (await openRepository(registry, `${space}/artifact-${n}`).pushBlob(randomBytes(1_000))).status,
      ),
    );
    expect(statuses.filter((status) => status === 201)).toHaveLength(5);
    expect(statuses.filter((status) => status === 403)).toHaveLength(15);
    expect(await usedBytes()).toBe(5_000);
  });

  it('a quota of bytes is freed by deletions, of artifacts once they expire', async () => {
    for (const version of ['1.0.0', '2.0.0'])
      await registry.upload(space, await packRandom(1_000, 'web', version));
    await registry.upload(space, await packRandom(1_000, 'db'));
    const repository = openRepository(registry, `${space}/artifact`);
    const { digest } = await repository.pushArtifact('one', randomBytes(500));
    await setQuota({ bytes: await usedBytes() });
    expect((await registry.upload(space, await packRandom(500, 'more'))).status).toBe(403);
    await registry.api(`/spaces/${space}/charts/web/versions/1.0.0`, { method: 'DELETE' });
    expect((await registry.upload(space, await packRandom(500, 'more'))).status).toBe(201);
    await registry.api(`/spaces/${space}/charts/web`, { method: 'DELETE' });
    await repository.remove(`manifests/${digest}`);
    await expireOci(registry.db, { expirySeconds: 0, graceSeconds: 0 });
    await expectCountsTrue();
    await registry.api(`/spaces/${space}/charts/db`, { method: 'DELETE' });
    await registry.api(`/spaces/${space}/charts/more`, { method: 'DELETE' });
    expect(await quotaOf()).toMatchObject({ bytes: { used: 0 }, versions: { used: 0 } });
    expect((await registry.api(`/spaces/${space}`, { method: 'DELETE' })).status).toBe(204);
    await expectCountsTrue();
  });

  it('a quota that is lowered below the use lets a space shrink, and not grow', async () => {
    await registry.upload(space, await packRandom(5_000));
    await setQuota({ bytes: 100 });
    const path = `/spaces/${space}/charts/web/versions/1.0.0`;
    const replace = async (bytes: number) =>
      (await registry.api(path, { method: 'PUT', body: chartForm(await packRandom(bytes)) })).status;
    expect(await replace(3_000)).toBe(200);
    expect(await replace(3_500)).toBe(403);
    expect((await registry.api(path, { method: 'DELETE' })).status).toBe(204);
  });
});

describe('recipes', () => {
  it('recipes are refused beside unfinished jobs, whose room is free again once they have ended', async () => {
    await setQuota({ versions: 2 });
    await worker.close();
    const first = await jobOf(await registry.orchestrate(space, recipe('a'), {}));
    expect((await registry.orchestrate(space, recipe('b'), {})).status).toBe(202);
    const refused = await registry.orchestrate(space, recipe('c'), {});
    expect(refused.status).toBe(403);
    expect(await errorOf(refused)).toMatchObject({
      code: 'quota.exceeded',
      details: { limit: 2, used: 2, added: 1 },
    });
    expect((await registry.api(`/jobs/${first.id}`, { method: 'DELETE' })).status).toBe(202);
    const third = await jobOf(await registry.orchestrate(space, recipe('c'), {}));
    // An upload may take the room meanwhile: then the end of the job decides.
    await registry.upload(space, { name: 'uploaded' });
    worker = await registry.startWorker();
    const states = async () =>
      (
        await registry.db.query<{ state: string; code: string | null }>(
          "SELECT state, error ->> 'code' AS code FROM jobs WHERE space = $1 AND state <> 'cancelled' ORDER BY state",
          [space],
        )
      ).map(({ state, code }) => [state, code]);
    await expect.poll(states, { timeout: 30_000 }).toEqual([
      ['succeeded', null],
      ['failed', 'quota.exceeded'],
    ]);
    expect((await jobOf(await registry.api(`/jobs/${third.id}`))).id).toBe(third.id);
    expect((await quotaOf()).versions.used).toBe(2);
    // A failed job holds nothing.
    await setQuota({ versions: 3 });
    expect((await registry.orchestrate(space, recipe('d'))).status).toBe(201);
    await expectCountsTrue();
  });

  it('recipes of a recomposition and of a follow are refused as well', async () => {
    await registry.upload(space, { name: 'source', version: '1.0.0' });
    const followed = {
      save: { chart: 'shop', version: '1.0.0', follow: { wait: '0s' } },
      configs: { package: { independent: true, space, chart: 'source', version: '*' } },
    };
    expect((await registry.orchestrate(space, followed)).status).toBe(201);
    await setQuota({ versions: 3 });
    expect((await registry.upload(space, { name: 'source', version: '1.1.0' })).status).toBe(201);
    const again = await registry.api(`/spaces/${space}/charts/shop/versions/1.0.0/recompose`, {
      method: 'POST',
      headers: { Prefer: 'wait=30' },
      body: '{"next":"major"}',
    });
    expect((await errorOf(again)).code).toBe('quota.exceeded');
    const follow = async () => followOf(await registry.api(`/spaces/${space}/charts/shop/follow`));
    await expect.poll(async () => (await follow()).state, { timeout: 30_000 }).toBe('failed');
    expect(await follow()).toMatchObject({ failure: { code: 'quota.exceeded' } });
  });
});

describe('the event of 85 %', () => {
  it('the event of 85 % comes once, and again after the use has fallen below', async () => {
    const receiver = await startReceiver();
    const webhooks = createWebhooks(registry, space);
    await webhooks.add({ url: receiver.url, events: ['quota.*'], charts: ['nothing-*'] });
    await setQuota({ bytes: 10_000, versions: 0 });
    const repository = openRepository(registry, `${space}/artifact`);
    await repository.pushBlob(randomBytes(8_000));
    const last = randomBytes(500);
    await repository.pushBlob(last);
    await receiver.called(1);
    await repository.pushBlob(randomBytes(100));
    await repository.remove(`blobs/${digestOf(last)}`);
    expect(await usedBytes()).toBe(8_100);
    await repository.pushBlob(randomBytes(1_000));
    await receiver.called(2);
    expect(await registry.db.query('SELECT FROM quota_events')).toEqual([]);
    const told = receiver.calls.map(({ event }) => [event.type, event.data]);
    const data = { space, quota: 'bytes', limit: 10_000 };
    expect(told).toEqual([
      ['quota.near', { ...data, used: 8_500 }],
      ['quota.near', { ...data, used: 9_100 }],
    ]);
  });

  it('the event of 85 % is told once, though several workers take it', async () => {
    await setQuota({ versions: 1 });
    await worker.close();
    await registry.upload(space, { name: 'web' });
    const told = await Promise.all([1, 2, 3].map(() => announceQuotas(registry.db, { guarded: true })));
    expect(told.reduce((sum, count) => sum + count)).toBe(1);
    const events = await registry.db.query(
      "SELECT space, principal_kind AS kind, details FROM audit_events WHERE action = 'quota.near'",
    );
    expect(events).toEqual([{ space, kind: 'system', details: { quota: 'versions', used: 1, limit: 1 } }]);
    worker = await registry.startWorker();
  });
});

describe('counting', () => {
  /** Adds a blob in a transaction that is undone, up to what its commit would do, and looks meanwhile. */
  async function whileAdding(look: () => Promise<unknown>): Promise<void> {
    const undone = registry.db.transaction(async (tx) => {
      await tx.query(
        `INSERT INTO oci_blobs (repository_id, digest, blob, size)
         SELECT r.id, $2, $2, 10 FROM oci_repositories r JOIN spaces s ON s.id = r.space_id WHERE s.name = $1`,
        [space, digestOf(randomBytes(10))],
      );
      await tx.query('SET CONSTRAINTS ALL IMMEDIATE');
      await look();
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
  }
  const lockSpace = () =>
    registry.db.query('SELECT FROM spaces WHERE name = $1 FOR NO KEY UPDATE NOWAIT', [space]);

  it('locks the row of a space for a blob only where there is a quota', async () => {
    await openRepository(registry, `${space}/artifact`).pushBlob('one');
    await whileAdding(lockSpace);
    await setQuota({ bytes: 1_000 });
    await whileAdding(() => expect(lockSpace()).rejects.toMatchObject({ code: '55P03' }));
  });

  it('reads what a write names, whatever else there is in the space', async () => {
    await setQuota({ bytes: 1_000_000_000 });
    await openRepository(registry, `${space}/artifact`).pushBlob('one');
    await registry.db.query(
      `WITH chart AS (INSERT INTO charts (space_id, name, version_count) SELECT id, 'many', 5000 FROM spaces WHERE name = $1 RETURNING id)
       INSERT INTO versions (chart_id, version, sort_key, digest, size, metadata, entry)
       SELECT id, n::text, n::text, 'sha256:' || encode(sha256(n::text::bytea), 'hex'), 10, '{}', '{}' FROM chart, generate_series(1, 5000) n`,
      [space],
    );
    await registry.db.query('VACUUM ANALYZE space_blobs, space_usage, versions');
    const read = `SELECT coalesce(sum(seq_tup_read + idx_tup_fetch), 0)::int AS rows FROM pg_stat_xact_user_tables
                   WHERE relname IN ('versions', 'oci_blobs', 'space_blobs', 'space_usage', 'charts', 'spaces')`;
    const undone = registry.db.transaction(async (tx) => {
      // The connection may not have passed on yet what its last transaction read.
      const [before] = await tx.query<{ rows: number }>(read);
      await tx.query(
        `INSERT INTO oci_blobs (repository_id, digest, blob, size)
         SELECT r.id, $2, $2, 10 FROM oci_repositories r JOIN spaces s ON s.id = r.space_id WHERE s.name = $1`,
        [space, digestOf(randomBytes(10))],
      );
      await tx.query('SET CONSTRAINTS ALL IMMEDIATE');
      const [row] = await tx.query<{ rows: number }>(read);
      expect((row?.rows ?? 0) - (before?.rows ?? 0)).toBeLessThan(100);
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    expect(await usedBytes()).toBe(50_003);
  });
});
