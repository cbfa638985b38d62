import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { createApp } from '../api/app.ts';
import { createRequestListener } from '../api/http/listener.ts';
import { digestOf } from '../core/blobs/content.ts';
import type { BlobStore, Digest } from '../core/blobs/port.ts';
import { packChart } from './support/charts.ts';
import { createClient } from './support/client.ts';
import { type EmbeddedRegistry, startEmbedded } from './support/embedded.ts';

/** Time for threads to start on a busy machine. */
const slow = { timeout: 30_000 };

/** Starts another server of a registry, whose archives are opened once the test says so. */
async function serveHeld(registry: EmbeddedRegistry) {
  const { context } = registry;
  const opened: Digest[] = [];
  const found: Digest[] = [];
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const blobs: BlobStore = {
    ...context.registry.blobs,
    async stat(digest) {
      const stored = await context.registry.blobs.stat(digest);
      found.push(digest);
      return stored;
    },
    async open(digest, range, size) {
      opened.push(digest);
      await released;
      return context.registry.blobs.open(digest, range, size);
    },
  };
  const held = { ...context, registry: { ...context.registry, blobs } };
  const server = createServer(createRequestListener(createApp(held), held));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close().closeAllConnections());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return { client: createClient([`http://127.0.0.1:${address.port}`]), opened, found, release };
}

it('values computed on a read do not wait for a flood of another space', async () => {
  const registry = await startEmbedded({}, { worker: false });
  onTestFinished(() => registry.close());
  const versions = Array.from({ length: 24 }, (_, patch) => `1.0.${patch}`);
  // Large enough to be read in a thread.
  const text = 'x'.repeat(40_000);
  const upload = async (space: string, version: string) => {
    const archive = await packChart({ name: 'web', version, values: { space, version, text } });
    expect((await registry.upload(space, archive)).status).toBe(201);
    return digestOf(archive);
  };
  for (const version of versions) await upload('flood', version);
  const quiet = await upload('quiet', '1.0.0');
  await registry.db.query('UPDATE versions SET values_computation = 0');

  const { client, opened, found, release } = await serveHeld(registry);
  onTestFinished(release);
  const read = async (space: string, version: string) => {
    const path = `/spaces/${space}/charts/web/versions/${version}/manifests/values`;
    expect((await client.api(path)).status).toBe(200);
  };
  const flood = versions.map((version) => read('flood', version));
  // Two of the flood have the two threads, and the others wait for them.
  await expect.poll(() => [opened.length, found.length], slow).toEqual([2, versions.length]);
  const last = read('quiet', '1.0.0');
  await expect.poll(() => found, slow).toContain(quiet);
  release();
  await last;
  await Promise.all(flood);
  // The next turn was that of the flood, and the one after it that of the other space.
  expect(opened.slice(0, 4)).toContain(quiet);
  expect(opened).toHaveLength(versions.length + 1);
});
