import { describe, expect, it } from 'vitest';
import { digestOf } from '../core/blobs/content.ts';
import type { BlobStore } from '../core/blobs/port.ts';
import { collectGarbage } from '../core/maintenance/collect.ts';
import { nothing, useGarbage, web } from './support/garbage.ts';

const use = useGarbage();
const { collect, download, entries, remove, stored } = use;

describe('garbage collection', () => {
  it('garbage collection runs once at a time: a second one returns undefined', async () => {
    await use.registry.upload('lib', await web('1.0.0'));
    await remove('lib', '1.0.0');
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow: BlobStore = {
      ...use.maintenance.blobs,
      async delete(digest) {
        await released;
        await use.maintenance.blobs.delete(digest);
      },
    };
    const first = collectGarbage({ ...use.maintenance, blobs: slow }, { graceSeconds: 0 });
    await expect
      .poll(() => use.maintenance.db.query("SELECT FROM locks WHERE resource = 'garbage collection'"))
      .toHaveLength(1);
    expect(await collect()).toBeUndefined();
    release();
    expect((await first)?.removed).toBe(1);
    expect(await collect()).toEqual(nothing);
  });

  it('garbage collection continues after a blob that cannot be removed, and removes it the next time', async () => {
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
    expect(await collectGarbage({ ...use.maintenance, blobs, log }, { graceSeconds: 0 })).toMatchObject({
      removed: 2,
      failed: 1,
      waiting: 1,
    });
    expect(await stored()).toEqual([stubborn]);
    expect((await collect())?.removed).toBe(1);
  });

  it('garbage collection fails when the store cannot be reached, and loses nothing', async () => {
    await use.registry.upload('lib', await web('1.0.0'));
    await remove('lib', '1.0.0');
    const away = async () => {
      throw new Error('the store is away');
    };
    const blobs: BlobStore = { ...use.maintenance.blobs, delete: away, ping: away };
    await expect(collectGarbage({ ...use.maintenance, blobs }, { graceSeconds: 0 })).rejects.toThrow(
      'the store is away',
    );
    expect((await collect())?.removed).toBe(1);
  });

  it('garbage collection that dies between the deletion of bytes and the commit can be repeated', async () => {
    const bytes = await web('1.0.0');
    await use.registry.upload('lib', bytes);
    await remove('lib', '1.0.0');
    const blobs: BlobStore = {
      ...use.maintenance.blobs,
      async delete(digest) {
        await use.maintenance.blobs.delete(digest);
        // Terminate the connection and so its transaction. Other tests use databases of the same server.
        await use.maintenance.db.query(
          `SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
            WHERE l.locktype = 'advisory' AND l.mode = 'ExclusiveLock' AND d.datname = current_database()`,
        );
      },
    };
    const log = use.maintenance.log.child({}, { level: 'silent' });
    expect(await collectGarbage({ ...use.maintenance, blobs, log }, { graceSeconds: 0 })).toMatchObject({
      failed: 1,
    });
    expect(await stored()).toEqual([]);
    expect(await entries()).toHaveLength(1);
    await use.registry.upload('lib', bytes);
    expect((await download('lib', '1.0.0')).bytes.equals(bytes)).toBe(true);
    expect(await collect()).toEqual(nothing);
    expect(await entries()).toEqual([]);
  });

  it('garbage collection deletes no bytes when it was delayed so long that its lock may be lost', async () => {
    const bytes = await web('1.0.0');
    await use.registry.upload('lib', bytes);
    await remove('lib', '1.0.0');
    const log = use.maintenance.log.child({}, { level: 'silent' });
    // Delay the last query before the deletion.
    let blocking: Promise<void> | undefined;
    const blobs: BlobStore = {
      ...use.maintenance.blobs,
      async stat(digest) {
        await new Promise<void>((resolve) => {
          blocking = use.maintenance.db.transaction(async (tx) => {
            await tx.query('LOCK TABLE job_sources');
            resolve();
            await tx.query('SELECT pg_sleep(2.2)');
          });
        });
        return use.maintenance.blobs.stat(digest);
      },
    };
    const late = await collectGarbage({ ...use.maintenance, blobs, log }, { graceSeconds: 0 });
    await blocking;
    expect(late).toMatchObject({ removed: 0, failed: 1, waiting: 1 });
    expect(await stored()).toEqual([digestOf(bytes)]);
  });

  it('garbage collection can be aborted, and releases its lock', async () => {
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
    const ended = collectGarbage({ ...use.maintenance, blobs }, { graceSeconds: 0, signal: stop.signal });
    await expect(ended).rejects.toThrow('shutting down');
    const remaining = (await stored()).length;
    expect(remaining).toBeGreaterThan(0);
    // The next collection can only run if the lock was released.
    expect((await collect())?.removed).toBe(remaining);
  });
});
