import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { metadataListOf, valuesOf } from '../support/answers.ts';
import { packChart } from '../support/charts.ts';
import { chartForm } from '../support/client.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
/** Archives that writers store in turn, by digest. */
const states = new Map<string, Buffer>();
const versions = '/spaces/lib/charts/web/versions';

beforeAll(async () => {
  registry = await startRegistry();
  for (const state of ['one', 'two', 'three', 'four']) {
    const files = { padding: randomBytes(300_000) };
    const archive = await packChart({
      name: 'web',
      values: { state },
      manifest: { description: state },
      files,
    });
    states.set(`sha256:${createHash('sha256').update(archive).digest('hex')}`, archive);
  }
  const [first] = states.values();
  if (first) expect((await registry.upload('lib', first)).status).toBe(201);
});
afterAll(() => registry.close());

/** Replaces the version by each archive in turn until aborted; 423 is allowed while another writer has the lock. */
async function write(stop: AbortSignal): Promise<number> {
  let written = 0;
  while (!stop.aborted) {
    for (const archive of states.values()) {
      const body = chartForm(archive);
      const { status } = await registry.api(`${versions}/1.0.0`, { method: 'PUT', body });
      expect([200, 423]).toContain(status);
      if (status === 200) written += 1;
    }
  }
  return written;
}

describe('readers under constant writing', () => {
  it('readers under constant writing are never refused, and read a whole archive', async () => {
    const stop = new AbortController();
    const writing = Promise.all([write(stop.signal), write(stop.signal), write(stop.signal)]);
    const seen = new Set<string>();
    onTestFinished(() => stop.abort());
    for (let round = 0; round < 60 || seen.size < 2; round += 1) {
      const [archive, values, metadata] = await Promise.all([
        registry.api(`${versions}/1.0.0`),
        registry.api(`${versions}/1.0.0/manifests/values`),
        registry.api('/spaces/lib/metadata/latest'),
      ]);
      expect([archive.status, values.status, metadata.status]).toEqual([200, 200, 200]);
      const bytes = Buffer.from(await archive.arrayBuffer());
      const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
      expect([...states.keys()]).toContain(digest);
      expect(archive.headers.get('etag')).toBe(`"${digest}"`);
      seen.add(digest);
      expect(['one', 'two', 'three', 'four']).toContain((await valuesOf(values)).state);
      const [latest] = (await metadataListOf(metadata)).items;
      expect(['one', 'two', 'three', 'four']).toContain(latest?.description);
    }
    stop.abort();
    const written = await writing;
    expect(written.every((count) => count > 0)).toBe(true);
  });

  it('a download that has begun ends whole, although its version is replaced and deleted', async () => {
    const download = await registry.api(`${versions}/1.0.0`);
    const reader = download.body?.getReader();
    const first = await reader?.read();
    const [, other] = states.values();
    const body = chartForm(other ?? Buffer.alloc(0));
    expect((await registry.api(`${versions}/1.0.0`, { method: 'PUT', body })).status).toBe(200);
    expect((await registry.api('/spaces/lib', { method: 'DELETE' })).status).toBe(204);
    const hash = createHash('sha256').update(first?.value ?? Buffer.alloc(0));
    for (let next = await reader?.read(); next?.value; next = await reader?.read()) hash.update(next.value);
    expect(download.headers.get('etag')).toBe(`"sha256:${hash.digest('hex')}"`);
  });
});
