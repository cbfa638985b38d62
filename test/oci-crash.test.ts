import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packChart } from './support/charts.ts';
import { createClient } from './support/client.ts';
import { digest, manifestOf, openRepository } from './support/oci.ts';
import { cliOutput, serve } from './support/process.ts';

let dataDir: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'registry-oci-crash-'));
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

it('upload sessions continue and pushed charts are whole, although the process is killed', async () => {
  const first = await serve({ DATA_DIR: dataDir });
  const before = createClient([first.url]);
  const repository = openRepository(before, 'lib/any');
  const begun = await repository.begin();
  const location = await repository.begin();
  await repository.patch(location, 'one ');
  await repository.patch(location, 'two ');
  const archives = await Promise.all(
    Array.from({ length: 40 }, (_, a) => packChart({ name: 'web', version: `1.0.${a}`, values: { a } })),
  );
  const accepted = new Map<string, string>();
  const pushing = archives.map(async (archive, number) => {
    const pushed = await openRepository(before, 'lib/web')
      .pushChart(archive, `1.0.${number}`)
      .catch(() => undefined);
    if (pushed?.response.status === 201) accepted.set(`1.0.${number}`, pushed.digest);
  });
  // Kill as soon as some pushes are done, with the others at any step.
  await expect.poll(() => accepted.size, { interval: 5, timeout: 30_000 }).toBeGreaterThan(4);
  await first.end('SIGKILL');
  await Promise.all(pushing);

  const second = await serve({ DATA_DIR: dataDir });
  const after = createClient([second.url]);
  const web = openRepository(after, 'lib/web');
  for (const [tag, name] of accepted) {
    const tagged = await web.call(`manifests/${tag}`);
    expect(tagged.headers.get('docker-content-digest')).toBe(name);
    const [layer] = (await manifestOf(tagged)).layers;
    const got = await web.call(`blobs/${layer?.digest}`);
    expect(digest(Buffer.from(await got.arrayBuffer()))).toBe(layer?.digest);
    expect((await after.api(`/spaces/lib/charts/web/versions/${tag}`)).status).toBe(200);
  }
  const state = await after.request(location);
  expect([state.status, state.headers.get('range')]).toEqual([204, '0-7']);
  const again = openRepository(after, 'lib/any');
  expect((await again.finish(begun, digest('in one'), 'in one')).status).toBe(201);
  expect((await again.finish(location, digest('one two three'), 'three', '8-12')).status).toBe(201);
  expect(await (await again.call(`blobs/${digest('one two three')}`)).text()).toBe('one two three');
  expect(await second.end('SIGTERM')).toBe(0);

  // A garbage collection removes the orphans of the crash, and no blob is missing.
  expect((await cliOutput(['gc', '--grace', '0'], { DATA_DIR: dataDir })).code).toBe(0);
  const verified = await cliOutput(['verify'], { DATA_DIR: dataDir });
  expect(verified.stdout).toContain('nothing is wrong');
}, 120_000);
