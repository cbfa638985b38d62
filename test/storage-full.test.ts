import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { isStorageFull } from '../core/runtime/storage-full.ts';
import { isTransientError } from '../core/runtime/transient-errors.ts';
import { createClient, type TestClient } from './support/client.ts';
import { filesIn } from './support/files.ts';
import { serve } from './support/process.ts';

const mebibyte = 1024 * 1024;
const disk = mkdtempSync(join(tmpdir(), 'registry-small-disk-'));

/** Mounts a file system of 400 MiB. @returns false where this user may not mount */
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
  let data: string;

  async function start(reserve: number, settings: Record<string, string> = {}) {
    data = join(disk, `data-${reserve}`);
    mkdirSync(data);
    const served = await serve({ DATA_DIR: data, STORAGE_RESERVE: String(reserve), ...settings });
    onTestFinished(async () => {
      await rm(join(disk, 'fill'), { force: true });
      await served.end('SIGTERM');
      await rm(data, { recursive: true, force: true });
    });
    const client = createClient([served.url]);
    if (!('ACCESS' in settings)) expect((await client.upload('lib', { name: 'web' })).status).toBe(201);
    return client;
  }

  /** Fills the disk except for `freeBytes`. */
  async function fill(freeBytes: number): Promise<void> {
    const { bavail, bsize } = await statfs(disk);
    const bytes = bavail * bsize - freeBytes;
    // PostgreSQL writes at the same time, so the file may not fit, which fills the disk as intended.
    await writeFile(join(disk, 'fill'), Buffer.alloc(bytes, 1)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOSPC') throw error;
    });
  }

  /** Reads from readiness whether the disk is full. */
  const diskOf = async (client: TestClient) =>
    readiness.parse(await (await client.request('/readyz')).json()).parts.disk;

  it('a disk below the reserve refuses writes through every interface, and allows reads and deletions', async () => {
    const client = await start(64 * mebibyte);
    await fill(32 * mebibyte);
    await expect.poll(() => diskOf(client), { timeout: 30_000 }).toBe('full');
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
    expect([push.status, await push.json()]).toMatchObject([
      503,
      { errors: [{ code: 'UNKNOWN', detail: { code: 'storage.full' } }] },
    ]);
    const museum = await client.request('/api/lib/charts', { method: 'POST', body: 'x' });
    expect([museum.status, await museum.json()]).toMatchObject([
      503,
      { error: expect.stringContaining('no room'), code: 'storage.full' },
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
    await expect.poll(() => diskOf(client), { timeout: 30_000 }).toBe('up');
    expect((await client.upload('lib', { name: 'db' })).status).toBe(201);
  });

  it('a disk below the reserve lets people log in and out, and retention run', async () => {
    const password = join(disk, 'password');
    await writeFile(password, 'a long password of an admin', { mode: 0o600 });
    const client = await start(64 * mebibyte, { ACCESS: 'guarded', ADMIN_PASSWORD_FILE: password });
    const credentials = `Basic ${Buffer.from('admin:a long password of an admin').toString('base64')}`;
    const post = (path: string, body?: string | URLSearchParams, headers = {}) =>
      client.request(path, { method: 'POST', redirect: 'manual', headers, ...(body ? { body } : {}) });
    const json = { 'Content-Type': 'application/json' };
    const asAdmin = { ...json, Authorization: credentials };
    const made = await client.request('/api/v1/spaces?space=team', { method: 'POST', headers: asAdmin });
    expect(made.status).toBe(201);
    const rules = await client.request('/api/v1/spaces/team/retention', {
      method: 'PUT',
      headers: asAdmin,
      body: JSON.stringify({ rules: [{ charts: ['*'], keep: { last: 1 } }] }),
    });
    expect([rules.status, await rules.json()]).toMatchObject([200, {}]);
    await fill(32 * mebibyte);
    // The room is measured a few times a second.
    await expect.poll(() => diskOf(client), { timeout: 30_000 }).toBe('full');
    const refused = await client.request('/api/v1/spaces?space=more', { method: 'POST', headers: asAdmin });
    expect(await refused.json()).toMatchObject({ code: 'storage.full' });

    const form = new URLSearchParams({ name: 'admin', password: 'a long password of an admin' });
    const loggedIn = await post('/login', form);
    expect(loggedIn.status).toBe(303);
    const cookie = loggedIn.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    const loggedOut = await post('/logout', undefined, { Cookie: cookie, 'Sec-Fetch-Site': 'same-origin' });
    expect(loggedOut.status).toBe(303);
    expect((await post('/api/v1/device', JSON.stringify({ client: 'test' }), json)).status).toBe(200);
    expect((await post('/api/v1/spaces/team/retention/runs', undefined, asAdmin)).status).toBe(202);
  });

  it('a disk that fills up during an upload answers 503, and keeps no part of the upload', async () => {
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

  it('a disk that is full for PostgreSQL answers 503 or success, and the registry recovers with room', {
    timeout: 180_000,
  }, async () => {
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
      .poll(async () => (await client.upload('lib', { name: 'db' })).status, { timeout: 90_000 })
      .toBe(201);
    expect((await client.api('/spaces/lib/charts/web/versions/1.0.0')).status).toBe(200);
  });
});

describe('an error of full storage', () => {
  const error = (message: string, more: object) => Object.assign(new Error(message), more);
  it.each([
    error('write', { code: 'ENOSPC' }),
    error('write', { code: 'EDQUOT' }),
    error('could not extend file', { code: '53100' }),
    error('could not write to file "pg_wal/xlogtemp.1": No space left on device', { code: 'XX000' }),
    error('S3', { code: 'XMinioStorageFull', status: 507 }),
    error('S3', { code: 'HTTP 507', status: 507 }),
    new Error('wrapped', { cause: error('write', { code: 'ENOSPC' }) }),
  ])('an error of full storage is recognized: %s', (full) => {
    expect(isStorageFull(full)).toBe(true);
    expect(isTransientError(full.cause ?? full) || isStorageFull(full)).toBe(true);
  });

  it.each([
    error('', { code: 'ENOENT' }),
    error('', { code: '53200' }),
    error('', { status: 503 }),
    'ENOSPC',
  ])('an error of another kind is not one of full storage: %s', (other) => {
    expect(isStorageFull(other)).toBe(false);
  });
});
