import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { isStorageFull } from '../core/runtime/storage-full.ts';
import { isPassing } from '../core/runtime/transient-errors.ts';
import { createClient } from './support/client.ts';
import { filesIn } from './support/files.ts';
import { type Served, serve } from './support/process.ts';

const mebibyte = 1024 * 1024;
const disk = mkdtempSync(join(tmpdir(), 'registry-small-disk-'));

/** Mounts a file system of a few hundred MiB, where this user and this machine may. */
function mountSmallDisk(): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=400m', 'tmpfs', disk], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const mounted = mountSmallDisk();
afterAll(async () => {
  if (mounted) execFileSync('umount', [disk]);
  await rm(disk, { recursive: true, force: true });
});

const readiness = z.object({
  ready: z.boolean(),
  degraded: z.boolean(),
  parts: z.record(z.string(), z.string()),
});
const recipe = {
  save: { chart: 'shop', version: '1.0.0' },
  configs: { package: { independent: true, space: 'lib', chart: 'web', version: '1.0.0' } },
};

describe.skipIf(!mounted)('a disk without room (left out where no small one can be mounted)', () => {
  let served: Served | undefined;
  let data: string;
  afterEach(async () => {
    await rm(join(disk, 'fill'), { force: true });
    await served?.end('SIGTERM');
    await rm(data, { recursive: true, force: true });
  });

  async function start(reserve: number) {
    data = join(disk, `data-${reserve}`);
    mkdirSync(data);
    served = await serve({ DATA_DIR: data, STORAGE_RESERVE: String(reserve) });
    const client = createClient([served.url]);
    expect((await client.upload('lib', { name: 'web' })).status).toBe(201);
    return client;
  }

  /** Leaves so many bytes free. */
  async function fill(left: number): Promise<void> {
    const { bavail, bsize } = await statfs(disk);
    const bytes = bavail * bsize - left;
    // PostgreSQL writes meanwhile: what does not fit any more was meant to be full.
    await writeFile(join(disk, 'fill'), Buffer.alloc(bytes, 1)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOSPC') throw error;
    });
  }

  it('takes nothing more below the reserve, by any door, and goes on reading and deleting', async () => {
    const client = await start(64 * mebibyte);
    await fill(32 * mebibyte);
    const isFull = async () => readiness.parse(await (await client.request('/readyz')).json()).parts.disk;
    await expect.poll(isFull).toBe('full');
    const ready = await client.request('/readyz');
    expect(ready.status).toBe(200);
    expect(await ready.json()).toMatchObject({ ready: true, degraded: true });

    const upload = await client.upload('lib', { name: 'db' });
    expect([upload.status, upload.headers.get('retry-after')]).toEqual([503, '60']);
    expect(await upload.json()).toMatchObject({ code: 'storage.full', reason: 'ReasonInternal' });
    const large = await client.upload('lib', randomBytes(8 * mebibyte));
    expect(await large.json()).toMatchObject({ code: 'storage.full' });
    expect(await (await client.orchestrate('lib', recipe)).json()).toMatchObject({ code: 'storage.full' });
    const values = await client.api('/spaces/lib/charts/web/versions/1.0.0/manifests/values', {
      method: 'PUT',
      body: '{}',
    });
    expect(await values.json()).toMatchObject({ code: 'storage.full' });
    const push = await client.request('/v2/lib/thing/blobs/uploads/', { method: 'POST' });
    expect([push.status, await push.json()]).toMatchObject([503, { errors: [{ code: 'UNKNOWN' }] }]);
    const museum = await client.request('/api/lib/charts', { method: 'POST', body: 'x' });
    expect([museum.status, await museum.json()]).toMatchObject([
      503,
      { error: expect.stringContaining('no room') },
    ]);

    expect((await client.api('/spaces/lib/charts/web/versions/1.0.0')).status).toBe(200);
    expect(
      (await client.api('/spaces/lib/charts?dryRun=true', { method: 'POST', body: JSON.stringify(recipe) }))
        .status,
    ).toBe(200);
    expect((await client.api('/spaces/lib/charts/web/versions/1.0.0', { method: 'DELETE' })).status).toBe(
      204,
    );

    await rm(join(disk, 'fill'));
    await expect.poll(isFull).toBe('up');
    expect((await client.upload('lib', { name: 'db' })).status).toBe(201);
  });

  it('answers an upload that runs into its end, and leaves nothing of it behind', async () => {
    const client = await start(0);
    const before = await filesIn(join(data, 'blobs'));
    await fill(6 * mebibyte);
    const answer = await client.upload('lib', randomBytes(12 * mebibyte));
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '60']);
    expect(await answer.json()).toMatchObject({ code: 'storage.full' });
    expect(await filesIn(join(data, 'uploads'))).toEqual([]);
    expect(await filesIn(join(data, 'blobs'))).toEqual(before);
    expect((await client.api('/spaces/lib/charts/web/versions/1.0.0')).status).toBe(200);
    await rm(join(disk, 'fill'));
    expect((await client.upload('lib', { name: 'db' })).status).toBe(201);
  });

  it('survives that PostgreSQL itself has none: each answer is 503 or what it should be, and all is well with room', async () => {
    const client = await start(0);
    await fill(0);
    const statuses = new Set<number>();
    for (let n = 0; n < 60; n += 1) {
      const { status } = await client.api(`/spaces?space=full${n}`, { method: 'POST' });
      statuses.add(status);
    }
    for (const status of statuses) expect([201, 503]).toContain(status);
    await rm(join(disk, 'fill'));
    await expect
      .poll(async () => (await client.upload('lib', { name: 'db' })).status, { timeout: 40_000 })
      .toBe(201);
    expect((await client.api('/spaces/lib/charts/web/versions/1.0.0')).status).toBe(200);
  });
});

describe('an error of storage that is full', () => {
  const error = (message: string, more: object) => Object.assign(new Error(message), more);
  it.each([
    error('write', { code: 'ENOSPC' }),
    error('write', { code: 'EDQUOT' }),
    error('could not extend file', { code: '53100' }),
    error('could not write to file "pg_wal/xlogtemp.1": No space left on device', { code: 'XX000' }),
    error('S3', { code: 'XMinioStorageFull', status: 507 }),
    error('S3', { code: 'HTTP 507', status: 507 }),
    new Error('wrapped', { cause: error('write', { code: 'ENOSPC' }) }),
  ])('is known, and passes: %s', (full) => {
    expect(isStorageFull(full)).toBe(true);
    expect(isPassing(full.cause ?? full) || isStorageFull(full)).toBe(true);
  });

  it.each([
    error('', { code: 'ENOENT' }),
    error('', { code: '53200' }),
    error('', { status: 503 }),
    'ENOSPC',
  ])('is no other: %s', (other) => {
    expect(isStorageFull(other)).toBe(false);
  });
});
