import { expect, it, onTestFinished } from 'vitest';
import { recordStatements } from './access/support/statements.ts';
import { packChart } from './support/charts.ts';
import { startEmbedded } from './support/embedded.ts';
import { chartTypes, descriptor, digest, openRepository } from './support/oci.ts';

it('sends few statements for a blob of a push, and asks nothing of upload sessions', async () => {
  const registry = await startEmbedded({}, { worker: false });
  onTestFinished(() => registry.close());
  const repository = openRepository(registry, 'lib/web');
  const archive = await packChart({ name: 'web', version: '1.0.0' });
  expect((await repository.pushChart(archive, '1.0.0')).response.status).toBe(201);
  const { record } = recordStatements();
  const location = await repository.begin();
  const { answer, statements } = await record(() => repository.finish(location, digest('more'), 'more'));
  expect(answer.status).toBe(201);
  expect(statements).toEqual([expect.stringContaining('INSERT INTO oci_blobs'), 'BEGIN', 'COMMIT']);
});

it('leaves the row of a manifest as it is where the manifest is put again, by digest or tag', async () => {
  const registry = await startEmbedded({}, { worker: false });
  onTestFinished(() => registry.close());
  const repository = openRepository(registry, 'lib/web');
  const archive = await packChart({ name: 'web', version: '1.0.0' });
  for (const blob of ['{}', archive]) await repository.finish(await repository.begin(), digest(blob), blob);
  const body = JSON.stringify({
    schemaVersion: 2,
    config: descriptor(chartTypes.config, '{}'),
    layers: [descriptor(chartTypes.archive, archive)],
  });
  const rows = () =>
    registry.db.query(
      `SELECT (SELECT xmin::text FROM oci_manifests) AS manifest, (SELECT array_agg(xmin::text) FROM oci_manifest_blobs) AS blobs`,
    );
  expect((await repository.put(digest(body), body)).status).toBe(201);
  const before = await rows();
  for (const reference of [digest(body), '1.0.0', '1.0.0', 'latest'])
    expect((await repository.put(reference, body)).status).toBe(201);
  expect(await rows()).toEqual(before);
  await registry.db.query(
    "UPDATE oci_manifests SET content = 'damaged', retired_at = now(), counted = false",
  );
  expect((await repository.put(digest(body), body)).status).toBe(201);
  expect(await registry.db.query('SELECT content, retired_at, counted FROM oci_manifests')).toEqual([
    { content: Buffer.from(body), retired_at: null, counted: true },
  ]);
});
