import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contentOf, digestOf } from '../core/blobs/content.ts';
import type { BlobStore, Digest } from '../core/blobs/port.ts';
import { signInTheClear } from '../core/chart/provenance.fixture.ts';
import { type Collected, collectGarbage } from '../core/upkeep/collect.ts';
import type { Upkeep } from '../core/upkeep/upkeep.ts';
import { verifyRegistry } from '../core/upkeep/verify.ts';
import { errorOf, jobOf } from './support/answers.ts';
import { packChart } from './support/charts.ts';
import { chartForm } from './support/client.ts';
import { type EmbeddedRegistry, startEmbedded } from './support/embedded.ts';

let registry: EmbeddedRegistry;
let upkeep: Upkeep;
beforeEach(async () => {
  registry = await startEmbedded({ gcInterval: 0 }, { worker: false });
  const { db, blobs, locks } = registry.context.registry;
  upkeep = { db, blobs, locks, log: registry.context.log };
});
afterEach(async () => {
  const faults: string[] = [];
  await verifyRegistry(upkeep.db, upkeep.blobs, { patience: 0, onFault: (line) => faults.push(line) });
  const [row] = await upkeep.db.query<{ deadlocks: number }>(
    'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()',
  );
  await registry.close();
  expect(faults).toEqual([]);
  expect(row?.deadlocks).toBe(0);
});

const nothing: Collected = { found: 0, removed: 0, freed: 0, failed: 0, waiting: 0 };
const collect = (grace = 0) => collectGarbage(upkeep, { grace });
const web = (version: string, values = {}) => packChart({ name: 'web', version, values });
const path = (space: string, version: string) => `/spaces/${space}/charts/web/versions/${version}`;
const remove = (space: string, version: string) => registry.api(path(space, version), { method: 'DELETE' });
const download = async (space: string, version: string) => {
  const response = await registry.api(path(space, version));
  return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()) };
};
/** Digests of the blobs that lie on the disk. */
const stored = async () => {
  const names = await readdir(join(registry.dataDir, 'blobs'), { recursive: true });
  return names.filter((name) => /[0-9a-f]{64}$/.test(name)).map((name) => `sha256:${name.slice(-64)}`);
};
const entries = async () =>
  (await upkeep.db.query<{ digest: Digest }>('SELECT digest FROM garbage ORDER BY since')).map(
    (row) => row.digest,
  );

describe('garbage collection', () => {
  it('takes a provenance file for named while its version has it, and removes it with the last that did', async () => {
    const archive = await web('1.0.0');
    const text = `name: web\nversion: 1.0.0\n\n...\nfiles:\n  web-1.0.0.tgz: ${digestOf(archive)}\n`;
    const provenance = signInTheClear(text);
    const attach = (space: string) =>
      registry.api(`${path(space, '1.0.0')}/provenance`, { method: 'PUT', body: new Uint8Array(provenance) });
    for (const space of ['lib', 'other']) {
      await registry.upload(space, archive);
      expect((await attach(space)).status).toBe(204);
    }
    expect(await collect()).toEqual(nothing);
    await registry.api(`${path('lib', '1.0.0')}/manifests/values`, { method: 'PUT', body: '{"a":1}' });
    expect(await collect()).toEqual(nothing);
    expect(await stored()).toContain(digestOf(provenance));
    await registry.api('/spaces/other', { method: 'DELETE' });
    expect(await collect()).toEqual({ ...nothing, removed: 2, freed: archive.length + provenance.length });
    expect(await stored()).not.toContain(digestOf(provenance));
  });

  it('leaves alone what a version names', async () => {
    await registry.upload('lib', await web('1.0.0'));
    expect(await collect()).toEqual(nothing);
    expect((await download('lib', '1.0.0')).status).toBe(200);
  });

  it('removes the bytes of what was deleted: a version, a replaced one, a whole space', async () => {
    const [deleted, replaced, replacing, inSpace, stays] = await Promise.all([
      web('1.0.0'),
      web('2.0.0'),
      web('2.0.0', { other: true }),
      web('3.0.0'),
      web('4.0.0'),
    ]);
    for (const bytes of [deleted, replaced]) await registry.upload('lib', bytes);
    for (const bytes of [inSpace, stays]) await registry.upload('doomed', bytes);
    await registry.upload('lib', stays);
    await remove('lib', '1.0.0');
    const body = chartForm(replacing);
    expect((await registry.api(path('lib', '2.0.0'), { method: 'PUT', body })).status).toBe(200);
    await registry.api('/spaces/doomed', { method: 'DELETE' });
    const gone = [deleted, replaced, inSpace];
    expect(await collect()).toEqual({
      ...nothing,
      removed: 3,
      freed: gone.reduce((sum, bytes) => sum + bytes.length, 0),
    });
    expect((await stored()).sort()).toEqual([digestOf(replacing), digestOf(stays)].sort());
    expect(await entries()).toEqual([]);
  });

  it('keeps bytes for their grace, counted from the last row that named them', async () => {
    const bytes = await web('1.0.0');
    await registry.upload('lib', bytes);
    await registry.upload('other', bytes);
    await remove('lib', '1.0.0');
    await upkeep.db.query("UPDATE garbage SET since = since - interval '1 hour'");
    await remove('other', '1.0.0');
    expect(await collect(60)).toEqual({ ...nothing, waiting: 1 });
    expect(await stored()).toEqual([digestOf(bytes)]);
    await upkeep.db.query("UPDATE garbage SET since = since - interval '59 seconds'");
    expect(await collect(60)).toEqual({ ...nothing, waiting: 1 });
    await upkeep.db.query("UPDATE garbage SET since = since - interval '1 second'");
    expect(await collect(60)).toEqual({ ...nothing, removed: 1, freed: bytes.length });
  });

  it('forgets what was uploaded again, and begins the grace anew when that is deleted', async () => {
    const bytes = await web('1.0.0');
    for (const _ of [1, 2, 3]) {
      await registry.upload('lib', bytes);
      await remove('lib', '1.0.0');
    }
    expect(await entries()).toHaveLength(3);
    expect(await collect(60)).toEqual({ ...nothing, waiting: 1 });
    await registry.upload('lib', bytes);
    expect(await collect()).toEqual(nothing);
    expect(await entries()).toEqual([]);
    expect((await download('lib', '1.0.0')).bytes.equals(bytes)).toBe(true);
    await remove('lib', '1.0.0');
    expect(await collect(60)).toEqual({ ...nothing, waiting: 1 });
    expect((await collect())?.removed).toBe(1);
  });

  it('finds bytes that were never named, and gives them their grace too', async () => {
    const orphan = contentOf(Buffer.from('put, and then the power went'));
    await upkeep.blobs.put(orphan);
    expect(await collect(60)).toEqual({ ...nothing, found: 1, waiting: 1 });
    expect(await collect(60)).toEqual({ ...nothing, waiting: 1 });
    expect(await collect()).toEqual({ ...nothing, removed: 1, freed: orphan.size });
    await upkeep.blobs.put(orphan);
    expect(await collect()).toEqual({ ...nothing, found: 1, removed: 1, freed: orphan.size });
    expect(await stored()).toEqual([]);
  });

  it('says beforehand what it would do, and does not do it', async () => {
    await registry.upload('lib', await web('1.0.0'));
    await registry.upload('lib', await web('2.0.0'));
    await remove('lib', '1.0.0');
    await upkeep.blobs.put(contentOf(Buffer.from('never named')));
    for (const grace of [0, 60]) {
      const dry = await collectGarbage(upkeep, { grace, dryRun: true });
      expect(dry).toMatchObject({ found: 1, removed: grace === 0 ? 2 : 0, waiting: grace === 0 ? 0 : 2 });
    }
    expect(await stored()).toHaveLength(3);
    const dry = await collectGarbage(upkeep, { grace: 0, dryRun: true });
    expect(await collect()).toEqual(dry);
  });

  it('takes entries in pages, whatever their number', async () => {
    const bytes = await web('1.0.0');
    await registry.upload('lib', bytes);
    await upkeep.db.query(
      `INSERT INTO garbage (digest, since)
       SELECT $1, now() - n * interval '1 microsecond' FROM generate_series(1, 2500) AS n
       UNION ALL SELECT 'sha256:' || repeat(n::text, 64), now() - n * interval '1 millisecond'
         FROM generate_series(1, 3) AS n`,
      [digestOf(bytes)],
    );
    expect(await collect()).toEqual(nothing);
    expect(await entries()).toEqual([]);
  });

  it('keeps what a job needs although its version is deleted, until the job has ended', async () => {
    const source = await web('1.0.0');
    await registry.upload('lib', source);
    const submitted = await registry.orchestrate(
      'lib',
      {
        save: { chart: 'shop', version: '1.0.0' },
        configs: { package: { independent: true, space: 'lib', chart: 'web', version: '1.0.0' } },
      },
      {},
    );
    expect(submitted.status).toBe(202);
    const { id } = await jobOf(submitted);
    await remove('lib', '1.0.0');
    expect(await collect()).toEqual({ ...nothing, waiting: 1 });
    await registry.startWorker();
    await (await registry.api(`/jobs/${id}/events`)).text();
    expect((await jobOf(await registry.api(`/jobs/${id}`))).state).toBe('succeeded');
    // The job's row named them until just now.
    await upkeep.db.query("UPDATE garbage SET since = since - interval '1 hour'");
    expect(await collect(60)).toEqual({ ...nothing, waiting: 1 });
    expect(await collect()).toEqual({ ...nothing, removed: 1, freed: source.length });
  });

  it('runs once at a time: a second one does nothing and says so', async () => {
    await registry.upload('lib', await web('1.0.0'));
    await remove('lib', '1.0.0');
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow: BlobStore = {
      ...upkeep.blobs,
      async delete(digest) {
        await held;
        await upkeep.blobs.delete(digest);
      },
    };
    const first = collectGarbage({ ...upkeep, blobs: slow }, { grace: 0 });
    await expect
      .poll(() => upkeep.db.query("SELECT FROM locks WHERE resource = 'garbage collection'"))
      .toHaveLength(1);
    expect(await collect()).toBeUndefined();
    release();
    expect((await first)?.removed).toBe(1);
    expect(await collect()).toEqual(nothing);
  });

  it('goes on after one blob that cannot be removed, and takes it the next time', async () => {
    for (const version of ['1.0.0', '2.0.0', '3.0.0']) {
      await registry.upload('lib', await web(version));
      await remove('lib', version);
    }
    const [, stubborn] = await entries();
    const blobs: BlobStore = {
      ...upkeep.blobs,
      async delete(digest) {
        if (digest === stubborn) throw new Error('the disk refuses');
        await upkeep.blobs.delete(digest);
      },
    };
    const log = upkeep.log.child({}, { level: 'silent' });
    expect(await collectGarbage({ ...upkeep, blobs, log }, { grace: 0 })).toMatchObject({
      removed: 2,
      failed: 1,
      waiting: 1,
    });
    expect(await stored()).toEqual([stubborn]);
    expect((await collect())?.removed).toBe(1);
  });

  it('gives up when the store cannot be reached, and loses nothing by it', async () => {
    await registry.upload('lib', await web('1.0.0'));
    await remove('lib', '1.0.0');
    const away = async () => {
      throw new Error('the store is away');
    };
    const blobs: BlobStore = { ...upkeep.blobs, delete: away, ping: away };
    await expect(collectGarbage({ ...upkeep, blobs }, { grace: 0 })).rejects.toThrow('the store is away');
    expect((await collect())?.removed).toBe(1);
  });

  it('comes to no harm when it dies between removing bytes and forgetting them', async () => {
    const bytes = await web('1.0.0');
    await registry.upload('lib', bytes);
    await remove('lib', '1.0.0');
    const blobs: BlobStore = {
      ...upkeep.blobs,
      async delete(digest) {
        await upkeep.blobs.delete(digest);
        // The connection goes, and with it the transaction.
        await upkeep.db.query(
          `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ExclusiveLock'`,
        );
      },
    };
    const log = upkeep.log.child({}, { level: 'silent' });
    expect(await collectGarbage({ ...upkeep, blobs, log }, { grace: 0 })).toMatchObject({ failed: 1 });
    expect(await stored()).toEqual([]);
    expect(await entries()).toHaveLength(1);
    await registry.upload('lib', bytes);
    expect((await download('lib', '1.0.0')).bytes.equals(bytes)).toBe(true);
    expect(await collect()).toEqual(nothing);
    expect(await entries()).toEqual([]);
  });

  it('does not touch bytes when it was held up so long that its lock may be gone', async () => {
    const bytes = await web('1.0.0');
    await registry.upload('lib', bytes);
    await remove('lib', '1.0.0');
    const log = upkeep.log.child({}, { level: 'silent' });
    // The answer to the last question before the bytes go comes late.
    let holding: Promise<void> | undefined;
    const blobs: BlobStore = {
      ...upkeep.blobs,
      async stat(digest) {
        await new Promise<void>((resolve) => {
          holding = upkeep.db.transaction(async (tx) => {
            await tx.query('LOCK TABLE job_sources');
            resolve();
            await tx.query('SELECT pg_sleep(2.2)');
          });
        });
        return upkeep.blobs.stat(digest);
      },
    };
    const late = await collectGarbage({ ...upkeep, blobs, log }, { grace: 0 });
    await holding;
    expect(late).toMatchObject({ removed: 0, failed: 1, waiting: 1 });
    expect(await stored()).toEqual([digestOf(bytes)]);
  });

  it('can be ended in the middle', async () => {
    for (let patch = 0; patch < 12; patch += 1) await registry.upload('lib', await web(`1.0.${patch}`));
    await registry.api('/spaces/lib', { method: 'DELETE' });
    const stop = new AbortController();
    const blobs: BlobStore = {
      ...upkeep.blobs,
      async delete(digest) {
        stop.abort(new Error('shutting down'));
        await upkeep.blobs.delete(digest);
      },
    };
    const ended = collectGarbage({ ...upkeep, blobs }, { grace: 0, signal: stop.signal });
    await expect(ended).rejects.toThrow('shutting down');
    const left = (await stored()).length;
    expect(left).toBeGreaterThan(0);
    // The lock on the collection is given up with it.
    expect((await collect())?.removed).toBe(left);
  });
});

describe('garbage collection at once with', () => {
  /** Collects over and over until what runs beside it is done; that is told how much was removed so far. */
  async function collecting(work: (removed: () => number) => Promise<unknown>): Promise<void> {
    let done = false;
    let removed = 0;
    const loop = async () => {
      while (!done) removed += (await collect())?.removed ?? 0;
    };
    const loops = Promise.all([loop(), loop()]);
    await work(() => removed).finally(() => {
      done = true;
    });
    await loops;
  }

  it('uploads of the same content: one that was answered 201 has its bytes', async () => {
    const contents = await Promise.all([0, 1, 2].map((number) => web(`${number}.0.0`)));
    // Until there were collisions enough, however fast the machine is.
    await collecting((removed) =>
      Promise.all(
        Array.from({ length: 4 }, async (_, uploader) => {
          for (let round = 0; round < 50 || removed() < 20; round += 1) {
            const number = (round + uploader) % 3;
            const version = `${number}.0.0`;
            const bytes = contents[number] ?? Buffer.alloc(0);
            const space = `space-${uploader}`;
            expect((await registry.upload(space, bytes)).status).toBe(201);
            expect(await download(space, version)).toEqual({ status: 200, bytes });
            expect((await remove(space, version)).status).toBe(204);
          }
        }),
      ),
    );
    await collect();
    expect(await stored()).toEqual([]);
  });

  it('uploads that fail, and replacements: what is there has its bytes, the rest goes', async () => {
    const contents = await Promise.all([0, 1, 2].map((a) => web('1.0.0', { a })));
    const put = (bytes: Buffer) =>
      registry.api(path('lib', '1.0.0'), { method: 'PUT', body: chartForm(bytes) });
    await registry.upload('lib', contents[0] ?? Buffer.alloc(0));
    await collecting(() =>
      Promise.all(
        Array.from({ length: 4 }, async (_, writer) => {
          for (let round = 0; round < 30; round += 1) {
            const bytes = contents[(round + writer) % 3] ?? Buffer.alloc(0);
            const answer = await (writer === 0 ? registry.upload('lib', bytes) : put(bytes));
            if (!answer.ok)
              expect(['version.exists', 'resource.locked']).toContain((await errorOf(answer)).code);
          }
        }),
      ),
    );
    const { bytes } = await download('lib', '1.0.0');
    expect(contents.some((content) => content.equals(bytes))).toBe(true);
    await collect();
    expect(await stored()).toEqual([digestOf(bytes)]);
  });

  it('recipes whose source is deleted and uploaded again: what was accepted succeeds', async () => {
    await registry.startWorker();
    const source = await web('1.0.0');
    await registry.upload('lib', source);
    const compose = (version: string) =>
      registry.orchestrate(
        'lib',
        {
          save: { chart: 'shop', version },
          configs: { package: { independent: true, space: 'lib', chart: 'web', version: '1.0.0' } },
        },
        {},
      );
    // Without a race once: its values have been checked then, and the others take about as long as a deletion.
    const first = await compose('0.0.1');
    expect(first.status).toBe(202);
    const ids = [(await jobOf(first)).id];
    await collecting(async () => {
      for (let round = 0; round < 25; round += 1) {
        const [answer] = await Promise.all([compose(`1.0.${round}`), remove('lib', '1.0.0')]);
        if (answer.status === 202) ids.push((await jobOf(answer)).id);
        else expect(answer.status).toBe(404);
        await registry.upload('lib', source);
      }
      for (const id of ids) await (await registry.api(`/jobs/${id}/events`)).text();
    });
    for (const id of ids) expect((await jobOf(await registry.api(`/jobs/${id}`))).state).toBe('succeeded');
  });
});

describe('garbage collection by workers', () => {
  it('is done by one worker or another, soon after the grace', async () => {
    const scheduled = await startEmbedded({ gcInterval: 1, gcGrace: 1 });
    await scheduled.startWorker();
    await scheduled.upload('lib', await web('1.0.0'));
    await scheduled.upload('lib', await web('2.0.0'));
    await scheduled.api(path('lib', '1.0.0'), { method: 'DELETE' });
    const digests = async () => {
      const names = await readdir(join(scheduled.dataDir, 'blobs'), { recursive: true });
      return names.filter((name) => /[0-9a-f]{64}$/.test(name));
    };
    expect(await digests()).toHaveLength(2);
    await expect.poll(digests, { timeout: 20_000 }).toHaveLength(1);
    await scheduled.close();
  });
});
