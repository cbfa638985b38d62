import { expect, it, onTestFinished } from 'vitest';
import { recordStatements } from './access/support/statements.ts';
import { packChart } from './support/charts.ts';
import { startEmbedded } from './support/embedded.ts';
import { digest, openRepository } from './support/oci.ts';

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
