import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { contentOf } from '../core/blobs/content.ts';
import type { Digest } from '../core/blobs/port.ts';
import { collectGarbage } from '../core/maintenance/collect.ts';
import { verifyRegistry } from '../core/maintenance/verify.ts';
import { errorOf, jobOf } from './support/answers.ts';
import { startOnBucket } from './support/bucket.ts';
import { packChart } from './support/charts.ts';
import { type EmbeddedRegistry, startEmbedded } from './support/embedded.ts';
import { digest, openRepository } from './support/oci.ts';
import { makeReadOnly } from './support/read-only.ts';
import { hasMinio } from './support/servers/object-store.ts';
import { mountSmallDisk } from './support/small-disk.ts';

const web = (version: string) => packChart({ name: 'web', version, values: { version } });
const recipe = (chart: string) => ({
  save: { chart, version: '1.0.0' },
  configs: { package: { independent: true, space: 'lib', chart: 'web', version: '1.0.0' } },
});
const halves = ['the first half, ', 'and the second'] as const;
const whole = halves.join('');

/** Trouble of a store: the code of refused uploads, and the way to end the trouble. */
interface Trouble {
  code: 'storage.full' | 'service.unavailable';
  end(): Promise<void>;
}

const collect = ({ context }: EmbeddedRegistry) =>
  collectGarbage({ ...context.registry, blobs: context.store, log: context.log }, { graceSeconds: 0 });

/**
 * Begins uploads, an OCI session, recipes and a collection, continues them during a trouble of the store, and checks that
 * all succeed after the trouble.
 * @param start begins the trouble; undefined where this machine cannot cause it
 * @returns false where the trouble could not be caused
 */
async function withTrouble(
  registry: EmbeddedRegistry,
  start: () => Promise<Trouble | undefined>,
): Promise<boolean> {
  for (const version of ['1.0.0', '1.0.1'])
    expect((await registry.upload('lib', await web(version))).status).toBe(201);
  // After this recipe the outline is stored, and recipes are accepted without the bytes of the source.
  expect((await registry.orchestrate('lib', recipe('first'))).status).toBe(201);
  const repository = openRepository(registry, 'lib/any');
  const begun = await repository.patch(await repository.begin(), halves[0]);
  const session = begun.headers.get('location') ?? '';
  await registry.api('/spaces/lib/charts/web/versions/1.0.1', { method: 'DELETE' });

  const trouble = await start();
  if (!trouble) return false;
  let jobId: string;
  try {
    const refused = await registry.upload('lib', await web('2.0.0'));
    expect([refused.status, (await errorOf(refused)).code]).toEqual([503, trouble.code]);
    expect((await repository.pushBlob('another blob')).status).toBe(503);
    expect((await repository.patch(session, halves[1])).status).toBe(503);
    expect((await repository.finish(session, digest(whole), halves[1])).status).toBe(503);
    const accepted = await registry.orchestrate('lib', recipe('made'), {});
    expect(accepted.status).toBe(202);
    jobId = (await jobOf(accepted)).id;
    // A collection may fail; orphans that it cannot delete stay recorded.
    await collect(registry).catch(() => undefined);
    // Wait until a worker has claimed and released the job.
    const released = `SELECT 1 FROM jobs WHERE id = $1 AND fence > 0 AND state = 'queued'`;
    await expect.poll(() => registry.db.query(released, [jobId]), { timeout: 20_000 }).toHaveLength(1);
    expect(await registry.db.query('SELECT digest FROM blob_faults')).toEqual([]);
  } finally {
    await trouble.end();
  }

  expect((await registry.upload('lib', await web('2.0.0'))).status).toBe(201);
  expect((await repository.patch(session, halves[1])).status).toBe(202);
  expect((await repository.finish(session, digest(whole))).status).toBe(201);
  expect(await (await repository.call(`blobs/${digest(whole)}`)).text()).toBe(whole);
  const state = async () => (await jobOf(await registry.api(`/jobs/${jobId}`))).state;
  await expect.poll(state, { timeout: 40_000 }).toBe('succeeded');
  await collect(registry);
  const faults: string[] = [];
  const onFault = (line: string) => faults.push(line);
  await verifyRegistry(registry.db, registry.context.store, { graceMs: 0, onFault });
  expect(faults).toEqual([]);
  expect(await registry.drafts()).toEqual([]);
  return true;
}

describe('a store in trouble', () => {
  it('uploads, sessions, recipes and collections recover from a full disk (left out where none can be mounted)', async (test) => {
    const registry = await startEmbedded({ gcInterval: 0, logLevel: 'silent' });
    onTestFinished(() => registry.close());
    const drafts = join(registry.dataDir, 'blobs', 'tmp');
    const wasTested = await withTrouble(registry, async () => {
      const unmount = mountSmallDisk(drafts, '4k');
      if (!unmount) return undefined;
      // Fill the only page of the disk.
      await writeFile(join(drafts, 'full'), Buffer.alloc(4_096));
      return { code: 'storage.full', end: async () => unmount() };
    });
    if (!wasTested) test.skip('no right to mount');
  });

  it('uploads, sessions, recipes and collections recover from a read-only store (left out where root may not mount)', async (test) => {
    const registry = await startEmbedded({ gcInterval: 0, logLevel: 'silent' });
    onTestFinished(() => registry.close());
    const wasTested = await withTrouble(registry, async () => {
      const undo = await makeReadOnly(join(registry.dataDir, 'blobs'));
      return undo && { code: 'service.unavailable', end: undo };
    });
    if (!wasTested) test.skip('root without the right to mount');
  });

  it.skipIf(!hasMinio())(
    'uploads, sessions, recipes and collections recover from an absent bucket (with MinIO on the PATH)',
    async () => {
      const { registry, deleteBucket, makeBucket } = await startOnBucket({ gcInterval: 0 });
      const { store } = registry.context;
      const wasTested = await withTrouble(registry, async () => {
        const kept = new Map<string, Buffer>();
        for await (const blob of store.list()) kept.set(...(await takeOut(registry, blob.digest)));
        await deleteBucket();
        const end = async () => {
          await makeBucket();
          for (const bytes of kept.values()) await store.put(contentOf(bytes));
        };
        return { code: 'service.unavailable', end };
      });
      expect(wasTested).toBe(true);
    },
  );
});

/** Deletes a blob from the store. @returns its digest and bytes */
async function takeOut({ context }: EmbeddedRegistry, of: Digest): Promise<[string, Buffer]> {
  const stored = await context.store.open(of);
  if (!stored) throw new Error(`there is no blob ${of}`);
  const bytes = await buffer(stored);
  await context.store.delete(of);
  return [of, bytes];
}
