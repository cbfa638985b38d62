import { expect, it, onTestFinished } from 'vitest';
import { recordStatements } from './access/support/statements.ts';
import { packChart } from './support/charts.ts';
import { startEmbedded } from './support/embedded.ts';
import { chartTypes, descriptor, digest, openRepository } from './support/oci.ts';

it('sends few statements for each request of a push, and asks nothing of upload sessions', async () => {
  const registry = await startEmbedded({}, { worker: false });
  onTestFinished(() => registry.close());
  const repository = openRepository(registry, 'lib/web');
  expect((await repository.pushChart(await packChart({ name: 'web' }), '1.0.0')).response.status).toBe(201);
  const { record } = recordStatements();
  const expectStatements = async (call: () => Promise<Response>, expected: string[]) => {
    const { answer, statements } = await record(call);
    expect(answer.status).toBe(201);
    expect(statements.map(nameOf).sort()).toEqual([...expected, 'BEGIN', 'COMMIT'].sort());
  };
  const archive = await packChart({ name: 'web', version: '2.0.0' });
  const layers = [descriptor(chartTypes.archive, archive)];
  const body = JSON.stringify({ schemaVersion: 2, config: descriptor(chartTypes.config, '{}'), layers });
  for (const blob of ['{}', archive]) {
    const location = await repository.begin();
    await expectStatements(() => repository.finish(location, digest(blob), blob), ['links']);
  }
  const locks = ['locks', 'conflict'];
  await expectStatements(() => repository.put(digest(body), body), [...locks, 'manifest']);
  const written = ['manifest', 'version', 'link', 'revision'];
  await expectStatements(() => repository.put('2.0.0', body), [...locks, 'found', ...written]);
});

/** Names a statement by what it alone contains. */
function nameOf(statement: string): string {
  const names: [RegExp, string][] = [
    [/INSERT INTO oci_blobs/, 'links'],
    [/INSERT INTO oci_manifests/, 'manifest'],
    [/INSERT INTO oci_chart_manifests/, 'link'],
    [/INSERT INTO versions/, 'version'],
    [/INSERT INTO changes/, 'revision'],
    [/DELETE FROM locks/, 'conflict'],
    [/set_config\('lock_timeout'/, 'locks'],
    [/FROM locked LEFT JOIN/, 'found'],
  ];
  return names.find(([pattern]) => pattern.test(statement))?.[1] ?? statement;
}

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
