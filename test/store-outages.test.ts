import { execFileSync } from 'node:child_process';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { errorOf } from './support/answers.ts';
import { startOnBucket } from './support/bucket.ts';
import { packChart } from './support/charts.ts';
import { chartForm, createClient } from './support/client.ts';
import { type EmbeddedRegistry, startEmbedded } from './support/embedded.ts';
import { digest, openRepository } from './support/oci.ts';
import { serve } from './support/process.ts';
import { makeReadOnly } from './support/read-only.ts';
import { hasMinio } from './support/servers/object-store.ts';

const path = '/spaces/lib/charts/web/versions/1.0.0';
const web = (version: string) => packChart({ name: 'web', version });

async function expectUnavailable(response: Response): Promise<void> {
  expect(response.status).toBe(503);
  expect(response.headers.get('retry-after')).toBe('1');
  expect((await errorOf(response)).code).toBe('service.unavailable');
}

/** Uploads a version, writes during an outage of the store, and checks that the registry works after the outage. */
async function withOutage(registry: EmbeddedRegistry, out: (use: () => Promise<void>) => Promise<void>) {
  await registry.upload('lib', await web('1.0.0'));
  const before = await registry.blobs();
  await out(async () => {
    await expectUnavailable(await registry.upload('lib', await web('2.0.0')));
    const put = await registry.api(path, {
      method: 'PUT',
      body: chartForm(await packChart({ name: 'web', values: { a: 1 } })),
    });
    await expectUnavailable(put);
  });
  expect(await registry.blobs()).toEqual(before);
  expect(await registry.db.query('SELECT digest FROM blob_faults')).toEqual([]);
  expect((await registry.api(path)).status).toBe(200);
  expect((await registry.upload('lib', await web('2.0.0'))).status).toBe(201);
}

describe('a store with an outage', () => {
  it('a store whose folder is read-only is answered 503, and is used again later', async (test) => {
    const registry = await startEmbedded({ logLevel: 'silent' }, { worker: false });
    onTestFinished(() => registry.close());
    const undo = await makeReadOnly(join(registry.dataDir, 'blobs'));
    if (!undo) return test.skip('root without the right to mount');
    await undo();
    await withOutage(registry, async (use) => {
      const restore = await makeReadOnly(join(registry.dataDir, 'blobs'));
      await use().finally(() => restore?.());
    });
  });

  it('a store whose folder is absent is answered 503, and no blob is recorded as missing', async () => {
    const registry = await startEmbedded({ logLevel: 'silent' }, { worker: false });
    onTestFinished(() => registry.close());
    const [blobs, aside] = [join(registry.dataDir, 'blobs'), join(registry.dataDir, 'aside')];
    await withOutage(registry, async (use) => {
      await rename(blobs, aside);
      await use();
      // Reads of what is cached go on, and recipes are accepted, so a balancer must not take it out.
      const ready = await registry.request('/readyz');
      expect(ready.status).toBe(200);
      expect(await ready.json()).toMatchObject({
        ready: true,
        degraded: true,
        parts: { blobs: 'down', database: 'up' },
      });
      await expectUnavailable(await registry.api(path));
      await rename(aside, blobs);
    });
  });

  it.skipIf(!hasMinio())(
    'a store whose bucket is absent is answered 503, and is used again later (with MinIO on the PATH)',
    async () => {
      const { registry, deleteBucket, makeBucket } = await startOnBucket({}, { worker: false });
      await registry.upload('lib', await web('1.0.0'));
      for await (const { digest } of registry.context.store.list())
        await registry.context.store.delete(digest);
      await deleteBucket();
      await expectUnavailable(await registry.upload('lib', await web('2.0.0')));
      await expectUnavailable(await registry.api(path));
      await makeBucket();
      expect((await registry.upload('lib', await web('2.0.0'))).status).toBe(201);
      // The bucket exists again, and is empty.
      expect((await errorOf(await registry.api(path))).code).toBe('blob.missing');
    },
  );

  it.skipIf(process.platform !== 'linux')(
    'a process with too many open files answers 503, and recovers',
    async () => {
      const dataDir = await mkdtemp(join(tmpdir(), 'registry-files-'));
      onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
      const served = await serve({ DATA_DIR: dataDir, LOG_LEVEL: 'info', BLOB_CACHE: '0' });
      onTestFinished(async () => void (await served.end('SIGTERM')));
      let log = '';
      served.process.stdout?.on('data', (chunk) => (log += chunk));
      const setLimit = (limit: string) =>
        execFileSync('prlimit', ['--pid', String(served.process.pid), `--nofile=${limit}:`]);
      const api = `${served.url}/api/v1`;
      const upload = async (version: string) =>
        fetch(`${api}/spaces/lib/charts`, { method: 'POST', body: chartForm(await web(version)) });
      // Open a connection first, because the process cannot accept new ones at its limit.
      expect((await upload('1.0.0')).status).toBe(201);
      expect((await (await fetch(`${api}${path}`)).arrayBuffer()).byteLength).toBeGreaterThan(0);
      const repository = openRepository(createClient([served.url]), 'lib/any');
      const begun = await repository.patch(await repository.begin(), 'one, ');
      const session = begun.headers.get('location') ?? '';
      const whole = 'one, two';
      setLimit('3');
      await expectUnavailable(await upload('2.0.0'));
      expect((await repository.patch(session, 'two')).status).toBe(503);
      await expectUnavailable(await fetch(`${api}${path}`));
      await expect.poll(() => log).toContain('raise its limit');
      setLimit('1024');
      expect((await upload('2.0.0')).status).toBe(201);
      expect((await repository.finish(session, digest(whole), 'two')).status).toBe(201);
      expect(await (await repository.call(`blobs/${digest(whole)}`)).text()).toBe(whole);
      expect((await fetch(`${api}${path}`)).status).toBe(200);
    },
  );
});
