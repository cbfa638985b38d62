import { expect, it, onTestFinished } from 'vitest';
import { packChart } from './support/charts.ts';
import { startEmbedded } from './support/embedded.ts';
import { openRepository } from './support/oci.ts';

/** Times that each request is sent. PostgreSQL plans a statement anew five times before it decides. */
const times = 24;

it('keeps one plan of each statement that pushes, uploads, recipes and lists repeat', async () => {
  const registry = await startEmbedded();
  onTestFinished(() => registry.close());
  const { db } = registry.context.oci;
  const source = { independent: true, space: 'lib', chart: 'web', version: '1.0.0' };
  expect((await registry.upload('lib', { name: 'web', version: '1.0.0', values: { n: 0 } })).status).toBe(
    201,
  );
  const repository = openRepository(registry, 'lib/pushed');
  for (let n = 1; n <= times; n += 1) {
    const archive = await packChart({ name: 'pushed', version: `${n}.0.0`, values: { n } });
    expect((await repository.pushChart(archive, `${n}.0.0`)).response.status).toBe(201);
    expect((await repository.call(`manifests/${n}.0.0`)).status).toBe(200);
    expect((await registry.upload('lib', { name: 'web', version: `1.0.${n}`, values: { n } })).status).toBe(
      201,
    );
    const recipe = {
      save: { chart: 'composed', version: `${n}.0.0` },
      configs: { package: source, _config: { n }, child: { package: source } },
    };
    const composed = await registry.orchestrate('lib', recipe);
    expect(composed.status).toBe(201);
    expect((await registry.api('/spaces/lib/charts')).status).toBe(200);
  }
  // Requests that come one by one share few connections, and a statement is prepared on each.
  const rows = await Promise.all(
    Array.from({ length: 10 }, () =>
      db.query<{ statement: string; generic: number; custom: number }>(
        'SELECT statement, generic_plans AS generic, custom_plans AS custom FROM pg_prepared_statements',
      ),
    ),
  );
  const repeated = rows.flat().filter(({ generic, custom }) => generic + custom >= 8);
  expect(repeated.length).toBeGreaterThan(8);
  expect(repeated.filter(({ generic }) => generic === 0).map(({ statement }) => statement)).toEqual([]);
});
