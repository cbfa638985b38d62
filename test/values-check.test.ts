import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorOf } from './support/answers.ts';
import {
  dbWithSchema as db,
  packChart,
  schemaFile,
  type TestChart,
  webWithSchema as web,
} from './support/charts.ts';
import { startRegistry, type TestRegistry } from './support/registry.ts';

const backtracking: TestChart = {
  name: 'backtracking',
  values: { a: `${'a'.repeat(60_000)}!` },
  files: schemaFile({ properties: { a: { pattern: '^(a+)+$' } } }),
};
const doubling = Object.fromEntries(
  Array.from({ length: 40 }, (_, level) => {
    const $ref = `#/$defs/level${level}`;
    return [`level${level + 1}`, { allOf: [{ $ref }, { $ref }] }];
  }),
);
const exponential: TestChart = {
  name: 'exponential',
  values: { a: 1 },
  files: schemaFile({ $defs: { level0: { minLength: 0 }, ...doubling }, $ref: '#/$defs/level40' }),
};
const wide: TestChart = {
  name: 'wide',
  files: schemaFile({
    properties: {
      items: { uniqueItems: true },
      ...Object.fromEntries(Array.from({ length: 20_000 }, (_, id) => [`key${id}`, { type: 'integer' }])),
    },
  }),
};
const wideValues = (last: unknown) => ({
  ...Object.fromEntries(Array.from({ length: 10_000 }, (_, id) => [`key${id}`, id])),
  items: [...Array.from({ length: 5_000 }, (_, id) => ({ id, name: `item ${id}` })), last],
});
const longEnum: TestChart = {
  name: 'long-enum',
  values: { a: 'b' },
  files: schemaFile({
    properties: { a: { enum: Array.from({ length: 20_000 }, (_, id) => `value ${id}`) } },
  }),
};

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry();
  for (const space of ['flood', 'quiet']) await registry.upload(space, db);
  for (const chart of [db, web, backtracking, exponential, wide, longEnum])
    await registry.upload('lib', chart);
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
  it('invalid values are refused with the pointer in the recipe, and no job is stored', async () => {
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

  it('literal values are not validated, because they are for templates alone', async () => {
    const response = await registry.orchestrate('lib', recipe('literal', bad, { values: 'literal' }));
    expect(response.status).toBe(201);
  });

  it('invalid values are found in kept subcharts', async () => {
    const configs = { ...source('web', { subcharts: 'keep' }), _config: { db: { auth: { port: 70000 } } } };
    expect(await errorOf(await registry.orchestrate('lib', recipe('kept', configs)))).toMatchObject({
      details: { pointer: '/configs/_config/db/auth/port' },
    });
  });

  it('invalid values are found by the schema of a version without an outline, which is then stored', async () => {
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

  it('invalid values are found in a source that was replaced', async () => {
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

  it('invalid values are found by a pattern that makes other engines backtrack for ever', async () => {
    const refused = await registry.orchestrate('lib', recipe('back', source('backtracking')));
    expect(await errorOf(refused)).toMatchObject({ code: 'values.invalid' });
  });

  it('a schema of too many steps is refused by a dry run and a recipe alike', async () => {
    const body = recipe('steps', source('exponential'));
    const run = await errorOf(await registry.orchestrate('lib', body));
    expect(run).toMatchObject({ code: 'schema.invalid', details: { pointer: '/configs' } });
    const dry = await registry.api('/spaces/lib/charts?dryRun=true', {
      method: 'POST',
      body: JSON.stringify(body),
    });
    expect(await errorOf(dry)).toEqual(run);
  });

  it('large values are validated alike by a dry run and a recipe', async () => {
    for (const [last, status] of [
      [{ name: 'item 1', id: 1 }, 400],
      [{ id: -1 }, 200],
    ] as const) {
      const body = recipe('wider', { ...source('wide'), _config: wideValues(last) });
      const text = JSON.stringify(body);
      const dry = await registry.api('/spaces/lib/charts?dryRun=true', { method: 'POST', body: text });
      expect(dry.status).toBe(status);
      const run = await registry.orchestrate('lib', body, { Prefer: 'wait=60' });
      expect(run.status).toBe(status === 200 ? 201 : status);
    }
  });

  it('validation of one space does not wait for a flood of another space', async () => {
    const done: string[] = [];
    const send = async (space: string, name: string, configs: object) => {
      const response = await registry.orchestrate(space, recipe(name, configs));
      done.push(name);
      return response;
    };
    // Two recipes, so that every API process has the quiet source in its caches.
    for (const name of ['warm', 'warmer']) {
      const known = await send('quiet', name, { ...source('db'), _config: { auth: { port: 2 } } });
      expect(known.status).toBe(201);
    }
    done.length = 0;
    const flood = Array.from({ length: 40 }, (_, id) =>
      send('flood', `flood-${id}`, { ...source('exponential'), _config: { id } }),
    );
    await Promise.race(flood);
    const quiet = await send('quiet', 'quiet', { ...source('db'), _config: { auth: { port: 1 } } });
    expect(quiet.status).toBe(201);
    expect(done.length).toBeLessThan(flood.length);
    await Promise.all(flood);
  });

  it('the message on invalid values is short, however many values a schema allows', async () => {
    const refused = await registry.orchestrate('lib', recipe('long', source('long-enum')));
    const text = await refused.text();
    expect(text).toContain('value 0');
    expect(text.length).toBeLessThan(3_000);
  });
});
