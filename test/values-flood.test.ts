import { expect, it, onTestFinished } from 'vitest';
import { packChart } from './support/charts.ts';
import { startEmbedded } from './support/embedded.ts';

it('values computed on a read do not wait for a flood of another space', async () => {
  const registry = await startEmbedded({}, { worker: false });
  onTestFinished(() => registry.close());
  const versions = Array.from({ length: 24 }, (_, patch) => `1.0.${patch}`);
  // Large enough to be read in a thread.
  const text = 'x'.repeat(40_000);
  const upload = async (space: string, version: string) =>
    registry.upload(space, await packChart({ name: 'web', version, values: { space, version, text } }));
  for (const version of versions) expect((await upload('flood', version)).status).toBe(201);
  expect((await upload('quiet', '1.0.0')).status).toBe(201);
  await registry.db.query('UPDATE versions SET values_computation = 0');

  const done: string[] = [];
  const read = async (space: string, version: string) => {
    const path = `/spaces/${space}/charts/web/versions/${version}/manifests/values`;
    expect((await registry.api(path)).status).toBe(200);
    done.push(space);
  };
  const flood = versions.map((version) => read('flood', version));
  await Promise.race(flood);
  await read('quiet', '1.0.0');
  // With two threads two of the flood run and two more may end meanwhile; in one queue nearly all would be done.
  expect(done.length).toBeLessThan(versions.length / 2);
  await Promise.all(flood);
});
