import { readdir, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { contentOf, digestOf } from '../core/blobs/content.ts';
import type { BlobStore, Digest } from '../core/blobs/port.ts';
import { type VerificationCounts, verifyRegistry } from '../core/maintenance/verify.ts';
import { jobOf } from './support/answers.ts';
import { packChart } from './support/charts.ts';
import { type EmbeddedRegistry, startEmbedded } from './support/embedded.ts';
import { cliOutput } from './support/process.ts';

let registry: EmbeddedRegistry;
beforeEach(async () => {
  registry = await startEmbedded({ gcInterval: 0 }, { worker: false });
  onTestFinished(() => registry.close());
});

const web = (version: string) => packChart({ name: 'web', version });
const fileOf = (digest: Digest) => {
  const hex = digest.slice('sha256:'.length);
  return join(registry.dataDir, 'blobs', 'sha256', hex.slice(0, 2), hex);
};
const blobs = () => registry.context.store;
const verify = async (
  store: BlobStore = blobs(),
  graceMs = 300,
): Promise<VerificationCounts & { lines: string[] }> => {
  const lines: string[] = [];
  const verified = await verifyRegistry(registry.context.registry.db, store, {
    graceMs,
    restore: 3_600,
    onFault: (line) => lines.push(line),
  });
  return { ...verified, lines: lines.sort() };
};
const cli = (...args: string[]) =>
  cliOutput(args, {
    DATABASE_URL: registry.context.config.databaseUrl,
    DATA_DIR: registry.dataDir,
    // Neither gc nor verify needs the queue.
    REDIS_URL: 'redis://127.0.0.1:1',
  });

describe('verify', () => {
  it('verify finds no fault in a good registry, and reads every blob once', async () => {
    expect(await verify()).toMatchObject({ versions: 0, blobs: 0, bytes: 0, faults: 0 });
    const archives = await Promise.all(Array.from({ length: 5 }, (_, patch) => web(`1.0.${patch}`)));
    for (const archive of archives) await registry.upload('lib', archive);
    await registry.upload('other', archives[0] ?? Buffer.alloc(0));
    const bytes = archives.reduce((sum, archive) => sum + archive.length, 0);
    expect(await verify()).toEqual({
      versions: 6,
      deleted: 0,
      blobs: 5,
      kept: 0,
      bytes,
      faults: 0,
      repaired: 0,
      damaged: 0,
      hindered: 0,
      refused: 0,
      waiting: 0,
      lines: [],
    });
  });

  it('verify names each version of a missing blob', async () => {
    const bytes = await web('1.0.0');
    for (const space of ['lib', 'other']) await registry.upload(space, bytes);
    const digest = digestOf(bytes);
    await rm(fileOf(digest));
    expect(await verify()).toMatchObject({
      faults: 2,
      lines: ['lib', 'other'].map((space) => `${space}/web/1.0.0: the blob ${digest} is missing`),
    });
  });

  it('verify reports other bytes, too few bytes, and a wrong size in a row', async () => {
    const archives = await Promise.all(['1.0.0', '2.0.0', '3.0.0'].map(web));
    for (const archive of archives) await registry.upload('lib', archive);
    const [first, second, third] = archives.map(digestOf);
    if (!first || !second || !third) throw new Error('three archives were packed');
    const other = Buffer.from('other bytes');
    await writeFile(fileOf(first), other);
    await truncate(fileOf(second), 10);
    const { db } = registry.context.registry;
    await db.query('UPDATE versions SET size = size + 1 WHERE digest = $1', [third]);
    const { lines } = await verify();
    expect(lines).toEqual([
      `lib/web/1.0.0: the blob ${first} holds 11 other bytes, ${digestOf(other)}`,
      expect.stringContaining(`lib/web/2.0.0: the blob ${second} holds 10 other bytes, sha256:`),
      expect.stringMatching(/^lib\/web\/3\.0\.0: .* has \d+ bytes, its row says \d+$/),
    ]);
  });

  it('verify finds no fault after another upload of a truncated blob', async () => {
    const bytes = await web('1.0.0');
    await registry.upload('lib', bytes);
    await truncate(fileOf(digestOf(bytes)), 10);
    expect(await verify()).toMatchObject({ faults: 1 });
    expect((await registry.upload('other', bytes)).status).toBe(201);
    expect(await verify()).toMatchObject({ versions: 2, faults: 0 });
  });

  it('verify reports only the row with a wrong size of two rows of one blob', async () => {
    const bytes = await web('1.0.0');
    for (const space of ['lib', 'other']) await registry.upload(space, bytes);
    const { db } = registry.context.registry;
    await db.query(
      'UPDATE versions SET size = 1 WHERE id = (SELECT max(id) FROM versions WHERE digest = $1)',
      [digestOf(bytes)],
    );
    const { lines } = await verify();
    expect(lines).toEqual([expect.stringMatching(/^other\/web\/1\.0\.0: .* its row says 1$/)]);
  });

  it('verify reports an unrecorded orphan, and not those that wait for garbage collection', async () => {
    await registry.upload('lib', await web('1.0.0'));
    await registry.api('/spaces/lib', { method: 'DELETE' });
    const orphan = contentOf(Buffer.from('whose is this?'));
    await blobs().put(orphan);
    expect(await verify()).toMatchObject({
      faults: 1,
      waiting: 1,
      lines: [
        `${orphan.digest}: nothing references these ${orphan.size} bytes; helm-registry gc deletes them`,
      ],
    });
  });

  it('verify reports no fault for an upload that is under way', async () => {
    const bytes = await web('1.0.0');
    const arriving = contentOf(bytes);
    await blobs().put(arriving);
    let uploaded = false;
    const store: BlobStore = {
      ...blobs(),
      // The listed blob gets its row before verify looks for rows again.
      async *list() {
        yield* blobs().list();
        if (!uploaded) await registry.upload('lib', bytes);
        uploaded = true;
      },
    };
    expect(await verify(store)).toMatchObject({ faults: 0, lines: [] });
    expect(uploaded).toBe(true);
  });

  it('verify reports no fault for a version that is deleted while it is read', async () => {
    const bytes = await web('1.0.0');
    await registry.upload('lib', bytes);
    const store: BlobStore = {
      ...blobs(),
      async open(digest, range) {
        await registry.api('/spaces/lib', { method: 'DELETE' });
        await rm(fileOf(digest), { force: true });
        return blobs().open(digest, range);
      },
    };
    expect(await verify(store)).toMatchObject({ faults: 0, lines: [] });
  });

  it('verify reads the sources of unfinished jobs, and not those of ended ones', async () => {
    const bytes = await web('1.0.0');
    await registry.upload('lib', bytes);
    const submitted = await registry.orchestrate(
      'lib',
      {
        save: { chart: 'shop', version: '1.0.0' },
        configs: { package: { independent: true, space: 'lib', chart: 'web', version: '1.0.0' } },
      },
      {},
    );
    const { id } = await jobOf(submitted);
    await registry.api('/spaces/lib/charts/web', { method: 'DELETE' });
    await registry.api('/spaces/lib/charts/web/versions/1.0.0', { method: 'DELETE' });
    expect(await verify()).toMatchObject({ versions: 0, blobs: 1, faults: 0, waiting: 1 });
    await rm(fileOf(digestOf(bytes)));
    expect((await verify()).lines).toEqual([`job ${id}: the blob ${digestOf(bytes)} is missing`]);
    await registry.api(`/jobs/${id}`, { method: 'DELETE' });
    // Now the deleted version alone has it.
    const lines = [`deleted version lib/web/1.0.0: the blob ${digestOf(bytes)} is missing`];
    expect(await verify()).toMatchObject({ versions: 0, deleted: 1, blobs: 1, lines });
  });

  it('verify fails where the store cannot be reached, and reports a blob that cannot be read', async () => {
    await registry.upload('lib', await web('1.0.0'));
    const away = async () => {
      throw Object.assign(new Error('nobody answers'), { code: 'ECONNREFUSED' });
    };
    await expect(verify({ ...blobs(), open: away, ping: away })).rejects.toThrow('nobody answers');
    const { lines } = await verify({ ...blobs(), open: away });
    expect(lines).toEqual([expect.stringMatching(/^lib\/web\/1\.0\.0: .* cannot be read \(ECONNREFUSED\)$/)]);
    expect(await registry.db.query('SELECT digest FROM blob_faults')).toEqual([]);
  });

  it('verify ends during writes, and finds no fault', async () => {
    let done = false;
    const writing = Promise.all(
      ['a', 'b', 'c'].map(async (space) => {
        while (!done) {
          for (const version of ['1.0.0', '2.0.0', '3.0.0']) await registry.upload(space, await web(version));
          await registry.api(`/spaces/${space}`, { method: 'DELETE' });
        }
      }),
    );
    const results: VerificationCounts[] = [];
    for (let round = 0; round < 5; round += 1) results.push(await verify(blobs(), 2_000));
    done = true;
    await writing;
    expect(results.map((verified) => verified.faults)).toEqual([0, 0, 0, 0, 0]);
  });
});

describe('the command line', () => {
  it('the commands verify and gc find, count and remove orphans', async () => {
    for (const version of ['1.0.0', '2.0.0']) await registry.upload('lib', await web(version));
    const stays = await web('1.0.0');
    const gone = await web('2.0.0');
    const clean = await cli('verify');
    expect(clean).toMatchObject({ code: 0, stderr: '' });
    const total = stays.length + gone.length;
    expect(clean.stdout).toBe(`2 versions, 2 blobs, ${total} bytes read: nothing is wrong\n`);

    await registry.api('/spaces/lib/charts/web/versions/2.0.0', { method: 'DELETE' });
    const orphan = contentOf(Buffer.from('left behind'));
    await blobs().put(orphan);
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(fileOf(orphan.digest), longAgo, longAgo);
    const faulty = await cli('verify');
    expect(faulty).toMatchObject({ code: 1, stderr: '' });
    expect(faulty.stdout.trim().split('\n')).toEqual([
      `${orphan.digest}: nothing references these 11 bytes; helm-registry gc deletes them`,
      '1 blob without a reference waits for garbage collection, as they should',
      `1 version, 1 deleted version that can be restored, 2 blobs, ${total} bytes read: 1 fault`,
    ]);

    const dry = await cli('gc', '--dry-run', '--grace', '0');
    expect(dry).toMatchObject({ code: 0, stderr: '' });
    expect(dry.stdout).toContain(`would remove 2 blobs (${gone.length + 11} bytes)`);
    const graceful = await cli('gc');
    expect(graceful.code).toBe(0);
    expect(graceful.stdout).toContain('removed 0 blobs (0 bytes); 2 blobs wait');
    expect(graceful.stdout).toContain('seconds, for RESTORE_FOR or for a job');
    expect(graceful.stdout).toContain('found 1 blob');
    expect((await cli('verify')).code).toBe(0);
    const collected = await cli('gc', '--grace', '0');
    expect(collected).toMatchObject({ code: 0, stderr: '' });
    expect(collected.stdout).toContain(`removed 2 blobs (${gone.length + 11} bytes); 0 blobs wait`);
    const remaining = await readdir(join(registry.dataDir, 'blobs'), { recursive: true });
    expect(remaining.filter((name) => /[0-9a-f]{64}$/.test(name))).toHaveLength(1);
  });

  it('the command gc refuses to run during another collection', async () => {
    const lease = await registry.context.registry.locks.lease(['garbage collection']);
    const second = await cli('gc');
    await lease.release();
    expect(second).toMatchObject({ code: 1, stdout: '' });
    expect(second.stderr).toBe(
      'helm-registry: another garbage collection is running; this one did nothing\n',
    );
  });
});
