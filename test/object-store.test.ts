import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { links } from '../api/links.ts';
import type { Config } from '../core/config/settings.ts';
import { createContext } from '../core/context.ts';
import { StartError } from '../core/runtime/startup-error.ts';
import { errorOf } from './support/answers.ts';
import { packChart } from './support/charts.ts';
import { type EmbeddedRegistry, startEmbedded } from './support/embedded.ts';
import { cliOutput } from './support/process.ts';
import { hasMinio, startMinio, type TestObjectStore } from './support/servers/object-store.ts';

const path = '/spaces/lib/charts/web/versions/1.0.0';
const digestOf = (bytes: ArrayBuffer | Buffer) =>
  createHash('sha256').update(new Uint8Array(bytes)).digest('hex');

describe.skipIf(!hasMinio())('a registry on an object store (with MinIO on the PATH)', () => {
  let minio: TestObjectStore;
  let registry: EmbeddedRegistry;
  let redirecting: EmbeddedRegistry;
  let archive: Buffer;
  let etag: string;

  beforeAll(async () => {
    minio = await startMinio();
    const bucket = {
      s3Endpoint: minio.endpoint,
      s3AccessKey: minio.accessKey,
      s3SecretKey: minio.secretKey,
    };
    // Without copies in memory every read shows what the store does.
    registry = await startEmbedded({ ...bucket, s3Bucket: 'charts', blobCache: 0 });
    redirecting = await startEmbedded({
      ...bucket,
      s3Bucket: 'charts-of-links',
      s3Redirect: true,
      s3PublicEndpoint: minio.endpoint.replace('127.0.0.1', 'localhost'),
    });
    archive = await packChart({ name: 'web', files: { 'README.md': 'web '.repeat(100_000) } });
    etag = `"sha256:${digestOf(archive)}"`;
    for (const each of [registry, redirecting]) expect((await each.upload('lib', archive)).status).toBe(201);
  });
  afterAll(async () => {
    await registry.close();
    await redirecting.close();
    await minio.dispose();
  });

  it('a registry on an object store serves uploads, whole and in part', async () => {
    const whole = await registry.api(path);
    expect(whole.headers.get('etag')).toBe(etag);
    expect(digestOf(await whole.arrayBuffer())).toBe(digestOf(archive));
    const part = await registry.api(path, { headers: { Range: 'bytes=10-19' } });
    expect(part.status).toBe(206);
    expect(Buffer.from(await part.arrayBuffer())).toEqual(archive.subarray(10, 20));
    const head = await registry.api(path, { method: 'HEAD' });
    expect(head.headers.get('content-length')).toBe(String(archive.length));
    expect((await registry.api(path, { headers: { 'If-None-Match': etag } })).status).toBe(304);
  });

  it('a registry with S3_REDIRECT redirects downloads to the store, and answers requests without a body itself', async () => {
    const answer = await redirecting.api(path, { redirect: 'manual' });
    expect(answer.status).toBe(307);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('etag')).toBeNull();
    expect(answer.headers.get('location')).toMatch(/^http:\/\/localhost:.*X-Amz-Expires=300&/);
    const followed = await redirecting.api(path);
    expect(followed.redirected).toBe(true);
    expect(followed.headers.get('content-type')).toBe('application/gzip');
    expect(followed.headers.get('content-disposition')).toBe('attachment; filename="web-1.0.0.tgz"');
    expect(digestOf(await followed.arrayBuffer())).toBe(digestOf(archive));
    const part = await redirecting.api(path, { headers: { Range: 'bytes=10-19' } });
    expect([part.redirected, part.status]).toEqual([true, 206]);
    expect(Buffer.from(await part.arrayBuffer())).toEqual(archive.subarray(10, 20));
    expect((await redirecting.api(path, { headers: { 'If-None-Match': etag } })).status).toBe(304);
    const head = await redirecting.api(path, { method: 'HEAD', redirect: 'manual' });
    expect([head.status, head.headers.get('etag')]).toEqual([200, etag]);
  });

  it('a registry with S3_REDIRECT decides If-Range itself', async () => {
    const resume = (etag: string) =>
      redirecting.api(path, { headers: { Range: 'bytes=10-19', 'If-Range': etag } });
    const same = await resume(etag);
    expect([same.redirected, same.status]).toEqual([false, 206]);
    expect(Buffer.from(await same.arrayBuffer())).toEqual(archive.subarray(10, 20));
    const other = await resume('"sha256:other"');
    expect([other.redirected, other.status]).toEqual([false, 200]);
    expect(digestOf(await other.arrayBuffer())).toBe(digestOf(archive));
  });

  it('a registry whose object store is down answers 503 with Retry-After, names the part, and recovers', async () => {
    await minio.end('SIGKILL');
    const read = await registry.api(path);
    expect(read.status).toBe(503);
    expect(read.headers.get('retry-after')).toBe('1');
    expect((await errorOf(read)).code).toBe('service.unavailable');
    expect((await registry.upload('lib', { name: 'later' })).status).toBe(503);
    const ready = await fetch(`${registry.url}/readyz`);
    expect(ready.status).toBe(200);
    expect(await ready.json()).toMatchObject({ degraded: true, parts: { blobs: 'down', database: 'up' } });
    await minio.start();
    expect((await registry.upload('lib', { name: 'later' })).status).toBe(201);
    expect((await registry.api(path)).status).toBe(200);
  });

  it('a registry on an object store deletes and composes', async () => {
    expect((await registry.upload('lib', { name: 'gone' })).status).toBe(201);
    expect((await registry.api('/spaces/lib/charts/gone/versions/1.0.0', { method: 'DELETE' })).status).toBe(
      204,
    );
    await registry.startWorker();
    const composed = await registry.orchestrate('lib', {
      save: { chart: 'composed', version: '1.0.0' },
      configs: { package: { independent: true, space: 'lib', chart: 'web', version: '1.0.0' } },
    });
    expect(composed.status).toBe(201);
    const bytes = await registry.api('/spaces/lib/charts/composed/versions/1.0.0');
    expect((await bytes.arrayBuffer()).byteLength).toBeGreaterThan(0);
  });

  it('a start with wrong S3 settings reports the setting', async () => {
    const start = (overrides: Partial<Config>) =>
      createContext(
        { ...registry.context.config, s3Bucket: 'elsewhere', ...overrides },
        registry.context.log,
        {
          migrate: false,
          name: 'test',
          links,
        },
      );
    await expect(start({})).rejects.toThrow(/^the bucket elsewhere \(S3_BUCKET\) does not exist.*migrate/);
    await expect(start({ s3SecretKey: 'wrong' })).rejects.toThrow(/S3_SECRET_KEY$/);
    await expect(start({ s3AccessKey: 'nobody' })).rejects.toThrow(/S3_ACCESS_KEY$/);
    await expect(start({ s3Endpoint: 'http://127.0.0.1:1' })).rejects.toThrow(
      /at S3_ENDPOINT: nothing listens there \(ECONNREFUSED\)/,
    );
    await expect(start({ s3Endpoint: 'http://127.0.0.1:1' })).rejects.toThrow(StartError);
  });

  it('migrate makes the bucket, also when two run at once', async () => {
    const environment = {
      DATABASE_URL: registry.context.config.databaseUrl,
      S3_ENDPOINT: minio.endpoint,
      S3_BUCKET: 'made-by-migrate',
      S3_ACCESS_KEY: minio.accessKey,
      S3_SECRET_KEY: minio.secretKey,
    };
    const ended = await Promise.all([1, 2].map(() => cliOutput(['migrate'], environment)));
    expect(ended.map(({ code }) => code)).toEqual([0, 0]);
    expect(ended.map(({ stdout }) => stdout).join()).toContain('"made the bucket"');
  });
});
