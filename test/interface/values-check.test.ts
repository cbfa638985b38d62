import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorOf } from '../support/answers.ts';
import { packChart, type TestChart } from '../support/charts.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

const schemaFile = (schema: object) => ({ 'values.schema.json': JSON.stringify(schema) });
const db: TestChart = {
  name: 'db',
  values: { auth: { port: 5432 } },
  files: schemaFile({ properties: { auth: { properties: { port: { type: 'integer', maximum: 65535 } } } } }),
};
const web: TestChart = { name: 'web', values: { replicas: 1 }, subcharts: [db] };
const hostile: TestChart = {
  name: 'hostile',
  values: { a: `${'a'.repeat(60)}!` },
  files: schemaFile({ properties: { a: { pattern: '^(a+)+$' } } }),
};

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry();
  for (const chart of [db, web, hostile]) await registry.upload('lib', chart);
});
afterAll(() => registry.close());

const source = (chart: string, more: object = {}) => ({
  package: { independent: true, space: 'lib', chart, version: '1.0.0', ...more },
});
const recipe = (chart: string, configs: object, save: object = {}) => ({
  save: { chart, version: '1.0.0', ...save },
  configs,
});
const bad = { ...source('web'), store: { ...source('db'), _config: { auth: { port: 'x' } } } };

describe('values that do not fit a schema', () => {
  it('are refused at once, with the key of the recipe, and nothing is stored', async () => {
    const headers = { 'Idempotency-Key': 'k' };
    const response = await registry.orchestrate('lib', recipe('shop', bad), headers);
    expect(response.status).toBe(400);
    const error = await errorOf(response);
    expect(error).toMatchObject({
      code: 'values.invalid',
      reason: 'ReasonRequest',
      details: { pointer: '/configs/store/_config/auth/port' },
    });
    expect(error.message).toContain('integer');
    const jobs = await registry.db.query("SELECT FROM jobs WHERE chart = 'shop'");
    expect(jobs).toEqual([]);
    const good = { ...bad, store: { ...source('db'), _config: { auth: { port: 1 } } } };
    expect(
      (await registry.orchestrate('lib', recipe('shop', good), { ...headers, Prefer: 'wait=30' })).status,
    ).toBe(201);
  });

  it('may be literal: those are for templates alone', async () => {
    const response = await registry.orchestrate('lib', recipe('literal', bad, { values: 'literal' }));
    expect(response.status).toBe(201);
  });

  it('are found in what is kept', async () => {
    const configs = { ...source('web', { subcharts: 'keep' }), _config: { db: { auth: { port: 70000 } } } };
    expect(await errorOf(await registry.orchestrate('lib', recipe('kept', configs)))).toMatchObject({
      details: { pointer: '/configs/_config/db/auth/port' },
    });
  });

  it('are found against a chart that was stored before schemas were kept, which is read once', async () => {
    const { db: sql } = registry;
    await registry.upload('old', { ...db, values: { auth: { port: 1, old: true } } });
    await sql.query('UPDATE versions SET outline = NULL');
    const old = { independent: true, space: 'old', chart: 'db', version: '1.0.0' };
    const configs = { package: old, _config: { auth: { port: 'x' } } };
    expect((await registry.orchestrate('lib', recipe('from-old', configs))).status).toBe(400);
    const kept = await sql.query<{ kept: boolean }>(
      `SELECT outline IS NOT NULL AS kept FROM versions v JOIN charts c ON c.id = v.chart_id
         JOIN spaces s ON s.id = c.space_id WHERE s.name = 'old'`,
    );
    expect(kept).toEqual([{ kept: true }]);
  });

  it('are found against a source that got another archive', async () => {
    const name = 'changing';
    await registry.upload('lib', { ...db, name });
    const configs = source(name);
    expect((await registry.orchestrate('lib', recipe(`${name}-1`, configs))).status).toBe(201);
    const form = new FormData();
    form.set('chartfile', new Blob([await packChart({ ...db, name, values: { auth: { port: 'x' } } })]));
    await registry.api(`/spaces/lib/charts/${name}/versions/1.0.0`, { method: 'PUT', body: form });
    const refused = await registry.orchestrate('lib', recipe(`${name}-2`, configs));
    expect(await errorOf(refused)).toMatchObject({
      code: 'values.invalid',
      details: { pointer: '/configs' },
    });
  });

  it('cannot hang anybody: a schema that takes for ever is cut off, and others are answered meanwhile', async () => {
    const hanging = registry.orchestrate('lib', recipe('hung', source('hostile')));
    let ended = false;
    const end = hanging.then(() => {
      ended = true;
    });
    expect((await registry.api('/spaces')).status).toBe(200);
    expect(ended).toBe(false);
    await end;
    expect(await errorOf(await hanging)).toMatchObject({ code: 'schema.invalid' });
    expect((await registry.orchestrate('lib', recipe('after', source('db')))).status).toBe(201);
  });
});
