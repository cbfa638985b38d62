import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '../../client/src/index.ts';
import { packChart } from '../support/charts.ts';
import { startFaultyProxy } from '../support/faulty-proxy.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
let archive: Buffer;
beforeAll(async () => {
  registry = await startRegistry({}, { worker: false });
  const files = ['a', 'b', 'c', 'd'].map((name) => [`files/${name}`, randomBytes(3_940_000)] as const);
  archive = await packChart({ name: 'large', files: Object.fromEntries(files) });
  expect(archive.length).toBeGreaterThan(15 * 1024 * 1024);
  const { link } = await createClient({ url: registry.url }).space('lib').upload(archive);
  expect(link).toBe('/api/v1/spaces/lib/charts/large/versions/1.0.0');
});
afterAll(() => registry.close());

const digestOf = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

describe('a download of 15 MiB', () => {
  it('a download gives the first bytes before the registry has sent the last', async () => {
    const proxy = await startFaultyProxy(registry.url);
    // The rest comes only once the first bytes were read: a client that buffers would wait for ever.
    let release = () => {};
    const until = new Promise<void>((resolve) => {
      release = resolve;
    });
    proxy.plan({ kind: 'pause', bytes: 100_000, until });
    const version = createClient({ url: proxy.url }).space('lib').chart('large').version('1.0.0');
    const { stream, size: announced, etag, type } = await version.download();
    const hash = createHash('sha256');
    let received = 0;
    for (const reader = stream.getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) break;
      hash.update(value);
      received += value.length;
      if (received === 100_000) release();
    }
    expect(received).toBe(archive.length);
    expect(announced).toBe(archive.length);
    expect(type).toBe('application/gzip');
    expect(`sha256:${hash.digest('hex')}`).toBe(digestOf(archive));
    expect(etag).toContain(digestOf(archive).slice(7));
  });

  it('a download is read as bytes, as a Blob, and uploaded again as one', async () => {
    const client = createClient({ url: registry.url });
    const version = client.space('lib').chart('large').version('1.0.0');
    const bytes = await (await version.download()).bytes();
    expect(digestOf(bytes)).toBe(digestOf(archive));
    const copy = await client.space('copy').upload(await (await version.download()).blob());
    expect(copy).toMatchObject({ space: 'copy', chart: 'large' });
    const copied = await client.space('copy').chart('large').version('1.0.0').download();
    expect(copied.size).toBe(archive.length);
    await copied.stream.cancel();
  });

  it('a download that is cut fails, and is not taken for whole', async () => {
    const proxy = await startFaultyProxy(registry.url);
    proxy.plan({ kind: 'cut', bytes: 1_000_000 });
    const version = createClient({ url: proxy.url }).space('lib').chart('large').version('1.0.0');
    const download = await version.download();
    await expect(download.bytes()).rejects.toMatchObject({ code: 'connection.failed' });
  });
});
