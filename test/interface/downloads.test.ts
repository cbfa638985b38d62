import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packChart } from '../support/charts.ts';
import { chartForm } from '../support/client.ts';
import { digest } from '../support/oci.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry({}, { worker: false });
});
afterAll(() => registry.close());

/** Paths of one archive, and of the manifest that lists it. */
const doorsOf = (space: string, archive: Buffer) => ({
  api: `/api/v1/spaces/${space}/charts/web/versions/1.0.0`,
  repository: `/${space}/charts/web-1.0.0.tgz`,
  'repository, by version': `/${space}/charts/web/1.0.0/web-1.0.0.tgz`,
  'OCI blob': `/v2/${space}/web/blobs/${digest(archive)}`,
  'OCI manifest by tag': `/v2/${space}/web/manifests/1.0.0`,
});

/** Headers that differ between equal responses. */
const ofConnection = ['date', 'x-request-id', 'connection', 'keep-alive'];

async function read(path: string, init: RequestInit = {}) {
  const response = await registry.request(path, init);
  const bytes = Buffer.from(await response.arrayBuffer());
  const headers = Object.fromEntries([...response.headers].filter(([name]) => !ofConnection.includes(name)));
  return { status: response.status, headers, digest: digest(bytes), bytes };
}

// The client changes the API process with each call, so several calls reach every process.
it('a repeated download is the same as the first, by every interface', async () => {
  const archive = await packChart({ name: 'web' });
  expect((await registry.upload('same', archive)).status).toBe(201);
  for (const [door, path] of Object.entries(doorsOf('same', archive))) {
    const first = await read(path);
    expect(first.status, door).toBe(200);
    for (let repeat = 0; repeat < 4; repeat += 1) expect(await read(path), door).toEqual(first);
    const etag = first.headers.etag ?? '';
    const known = await read(path, { headers: { 'If-None-Match': etag } });
    expect([known.status, known.bytes.length, known.headers.etag], door).toEqual([304, 0, etag]);
    const head = await read(path, { method: 'HEAD' });
    expect([head.status, head.bytes.length, head.headers], door).toEqual([200, 0, first.headers]);
    if (door === 'OCI manifest by tag') continue;
    const part = await read(path, { headers: { Range: 'bytes=3-6' } });
    expect([part.status, part.bytes], door).toEqual([206, archive.subarray(3, 7)]);
    const modified = first.headers['last-modified'];
    if (modified === undefined) continue;
    expect((await read(path, { headers: { 'If-Modified-Since': modified } })).status, door).toBe(304);
  }
});

it('a repeated download shows each change of its version at once, by every interface', async () => {
  for (let round = 0; round < 5; round += 1) {
    const archive = await packChart({ name: 'web', values: { round } });
    const path = '/api/v1/spaces/moved/charts/web/versions/1.0.0';
    const written =
      round === 0
        ? await registry.upload('moved', archive)
        : await registry.request(path, { method: 'PUT', body: chartForm(archive) });
    expect(written.ok).toBe(true);
    for (const [door, address] of Object.entries(doorsOf('moved', archive)))
      for (let repeat = 0; repeat < 4; repeat += 1) {
        const { status, digest: found, bytes } = await read(address);
        const isRight =
          door === 'OCI manifest by tag' ? bytes.includes(digest(archive)) : found === digest(archive);
        expect([status, isRight], `${door} in round ${round}`).toEqual([200, true]);
      }
  }
  const last = await packChart({ name: 'web', values: { round: 4 } });
  expect((await registry.request('/api/v1/spaces/moved', { method: 'DELETE' })).status).toBe(204);
  for (const [door, address] of Object.entries(doorsOf('moved', last)))
    for (let repeat = 0; repeat < 2; repeat += 1) expect((await read(address)).status, door).toBe(404);
});

it('a large archive is streamed whole, in parts, and again after a client left early', async () => {
  const archive = await packChart({ name: 'web', files: { 'noise.bin': randomBytes(4_900_000) } });
  expect(archive.length).toBeGreaterThan(4 * 1024 * 1024);
  expect((await registry.upload('large', archive)).status).toBe(201);
  for (const path of Object.values(doorsOf('large', archive)).slice(0, 4)) {
    const leaving = await registry.request(path);
    await leaving.body?.cancel();
    const whole = await read(path);
    expect([whole.status, whole.digest, whole.headers['content-length']]).toEqual([
      200,
      digest(archive),
      String(archive.length),
    ]);
    const part = await read(path, { headers: { Range: 'bytes=4000000-4000009' } });
    expect([part.status, part.bytes]).toEqual([206, archive.subarray(4_000_000, 4_000_010)]);
  }
});
