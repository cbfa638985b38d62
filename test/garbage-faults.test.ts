import { describe, expect, it } from 'vitest';
import { digestOf } from '../core/blobs/content.ts';
import type { BlobStore } from '../core/blobs/port.ts';
import { collectGarbage } from '../core/maintenance/collect.ts';
import { nothing, useGarbage, web } from './support/garbage.ts';

const use = useGarbage();
const { collect, download, entries, remove, stored } = use;

describe('garbage collection', () => {
  it('runs once at a time: a second one does nothing and says so', async () => {
    await use.registry.upload('lib', await web('1.0.0'));
    await remove('lib', '1.0.0');
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow: BlobStore = {
      ...use.maintenance.blobs,
      async delete(digest) {
        await held;
        await use.maintenance.blobs.delete(digest);
      },
    };
    const first = collectGarbage({ ...use.maintenance, blobs: slow }, { grace: 0 });
    await expect
      .poll(() => use.maintenance.db.query("SELECT FROM locks WHERE resource = 'garbage collection'"))
      .toHaveLength(1);
    expect(await collect()).toBeUndefined();
    release();
    expect((await first)?.removed).toBe(1);
    expect(await collect()).toEqual(nothing);
  });

  it('goes on after one blob that cannot be removed, and takes it the next time', async () => {
    for (const version of ['1.0.0', '2.0.0', '3.0.0']) {
      await use.registry.upload('lib', await web(version));
      await remove('lib', version);
    }
    const [, stubborn] = await entries();
    const blobs: BlobStore = {
      ...use.maintenance.blobs,
      async delete(digest) {
        if (digest === stubborn) throw new Error('the disk refuses');
        await use.maintenance.blobs.delete(digest);
      },
    };
    const log = use.maintenance.log.child({}, { level: 'silent' });
    expect(await collectGarbage({ ...use.maintenance, blobs, log }, { grace: 0 })).toMatchObject({
      removed: 2,
      failed: 1,
      waiting: 1,
    });
    expect(await stored()).toEqual([stubborn]);
    expect((await collect())?.removed).toBe(1);
  });

  it('gives up when the store cannot be reached, and loses nothing by it', async () => {
    await use.registry.upload('lib', await web('1.0.0'));
    await remove('lib', '1.0.0');
    const away = async () => {
      throw new Error('the store is away');
    };
    const blobs: BlobStore = { ...use.maintenance.blobs, delete: away, ping: away };
    await expect(collectGarbage({ ...use.maintenance, blobs }, { grace: 0 })).rejects.toThrow(
      'the store is away',
    );
    expect((await collect())?.removed).toBe(1);
  });

  it('comes to no harm when it dies between removing bytes and forgetting them', async () => {
    const bytes = await web('1.0.0');
    await use.registry.upload('lib', bytes);
    await remove('lib', '1.0.0');
    const blobs: BlobStore = {
      ...use.maintenance.blobs,
      async delete(digest) {
        await use.maintenance.blobs.delete(digest);
        // The connection goes, and with it the transaction; other tests have databases of the same server.
        await use.maintenance.db.query(
          `SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
            WHERE l.locktype = 'advisory' AND l.mode = 'ExclusiveLock' AND d.datname = current_database()`,
        );
      },
    };
    const log = use.maintenance.log.child({}, { level: 'silent' });
    expect(await collectGarbage({ ...use.maintenance, blobs, log }, { grace: 0 })).toMatchObject({
      failed: 1,
    });
    expect(await stored()).toEqual([]);
    expect(await entries()).toHaveLength(1);
    await use.registry.upload('lib', bytes);
    expect((await download('lib', '1.0.0')).bytes.equals(bytes)).toBe(true);
    expect(await collect()).toEqual(nothing);
    expect(await entries()).toEqual([]);
  });

  it('does not touch bytes when it was held up so long that its lock may be gone', async () => {
    const bytes = await web('1.0.0');
    await use.registry.upload('lib', bytes);
    await remove('lib', '1.0.0');
    const log = use.maintenance.log.child({}, { level: 'silent' });
    // The answer to the last question before the bytes go comes late.
    let holding: Promise<void> | undefined;
    const blobs: BlobStore = {
      ...use.maintenance.blobs,
      async stat(digest) {
        await new Promise<void>((resolve) => {
          holding = use.maintenance.db.transaction(async (tx) => {
            await tx.query('LOCK TABLE job_sources');
            resolve();
            await tx.query('SELECT pg_sleep(2.2)');
          });
        });
        return use.maintenance.blobs.stat(digest);
      },
    };
    const late = await collectGarbage({ ...use.maintenance, blobs, log }, { grace: 0 });
    await holding;
    expect(late).toMatchObject({ removed: 0, failed: 1, waiting: 1 });
    expect(await stored()).toEqual([digestOf(bytes)]);
  });

  it('can be ended in the middle', async () => {
    for (let patch = 0; patch < 12; patch += 1) await use.registry.upload('lib', await web(`1.0.${patch}`));
    await use.registry.api('/spaces/lib', { method: 'DELETE' });
    const stop = new AbortController();
    const blobs: BlobStore = {
      ...use.maintenance.blobs,
      async delete(digest) {
        stop.abort(new Error('shutting down'));
        await use.maintenance.blobs.delete(digest);
      },
    };
    const ended = collectGarbage({ ...use.maintenance, blobs }, { grace: 0, signal: stop.signal });
    await expect(ended).rejects.toThrow('shutting down');
    const left = (await stored()).length;
    expect(left).toBeGreaterThan(0);
    // The lock on the collection is given up with it.
    expect((await collect())?.removed).toBe(left);
  });
});
