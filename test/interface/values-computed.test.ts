import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../core/yaml/json.ts';
import { errorOf } from '../support/answers.ts';
import { packChart, type TestChart } from '../support/charts.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

const schemaFile = (schema: object) => ({ 'values.schema.json': JSON.stringify(schema) });
const port = { properties: { port: { type: 'integer', maximum: 65535 } } };
const sub: TestChart = {
  name: 'sub',
  values: { port: 80, host: 'h', exports: { data: { x: 1 } } },
  files: schemaFile(port),
};
const importing: TestChart = {
  name: 'importing',
  values: { mine: { type: 'A' }, tags: { rare: false } },
  manifest: {
    dependencies: [
      { name: 'sub', version: '1.0.0', 'import-values': ['data', { child: 'exports', parent: 'mine.all' }] },
      { name: 'sub', version: '1.0.0', alias: 'off', tags: ['rare'] },
    ],
  },
  files: schemaFile({ required: ['x'], properties: { x: { maximum: 10 } } }),
  subcharts: [sub],
};
const computed = {
  mine: { type: 'A', all: { data: { x: 1 } } },
  tags: { rare: false },
  x: 1,
  sub: { port: 80, host: 'h', exports: { data: { x: 1 } }, global: {} },
};

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry();
  for (const chart of [sub, importing]) await registry.upload('lib', chart);
});
afterAll(() => registry.close());

const pathOf = (chart: string) => `/spaces/lib/charts/${chart}/versions/1.0.0/manifests/values`;
const jsonOf = async (response: Response): Promise<JsonObject> => JSON.parse(await response.text());
const read = async (chart: string): Promise<JsonObject> => jsonOf(await registry.api(pathOf(chart)));
const dryRun = async (recipe: object): Promise<JsonObject> =>
  jsonOf(
    await registry.api('/spaces/lib/charts?dryRun=true', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(recipe),
    }),
  );
const put = (chart: string, values: unknown) =>
  registry.api(pathOf(chart), {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(values),
  });
const source = (chart: string, more: object = {}) => ({
  package: { independent: true, space: 'lib', chart, version: '1.0.0', ...more },
});

describe('manifests/values', () => {
  it('has what import-values brings, and nothing of a chart that is switched off', async () => {
    expect(await read('importing')).toEqual(computed);
  });

  it('is what the first document and those below it say together, as in Helm 4', async () => {
    const text = Buffer.from('a: {x: 1}\n---\na: {z: 2}\n');
    await registry.upload('lib', await packChart({ name: 'twofold', files: { 'values.yaml': text } }));
    expect(await read('twofold')).toEqual({ a: { x: 1, z: 2 } });
  });

  it('is made anew of versions that were stored by an older computation', async () => {
    await registry.upload('old', importing);
    await registry.db.query(
      `UPDATE versions SET values = '{"stale": true}', values_computation = NULL
        WHERE chart_id IN (SELECT c.id FROM charts c JOIN spaces s ON s.id = c.space_id WHERE s.name = 'old')`,
    );
    const response = await registry.api('/spaces/old/charts/importing/versions/1.0.0/manifests/values');
    expect(await response.json()).toEqual(computed);
    const [row] = await registry.db.query<{ stale: boolean; current: boolean }>(
      `SELECT bool_or(v.values ? 'stale') AS stale, bool_and(v.values_computation IS NOT NULL) AS current
         FROM versions v JOIN charts c ON c.id = v.chart_id JOIN spaces s ON s.id = c.space_id
        WHERE s.name = 'old'`,
    );
    expect(row).toEqual({ stale: false, current: true });
  });
});

describe('a dry run', () => {
  it('has the values that the new chart will have, imports included, and names what Helm would compute by hand', async () => {
    const configs = {
      ...source('importing', { subcharts: 'keep' }),
      _config: { sub: { exports: { data: { x: 5 } } } },
    };
    const recipe = { save: { chart: 'shop', version: '1.0.0' }, configs };
    const foreseen = await dryRun(recipe);
    expect(foreseen.values).toMatchObject({ x: 5, mine: { all: { data: { x: 5 } } } });
    expect(foreseen.warnings).toContainEqual({
      code: 'values.imported',
      pointer: '/configs',
      message: expect.stringContaining('x: Helm 3 and 4 show 5'),
    });
    expect((await registry.orchestrate('lib', recipe, { Prefer: 'wait=30' })).status).toBe(201);
    expect(await read('shop')).toEqual(foreseen.values);
  });

  it('says where Helm 3 and 4 compute different values', async () => {
    await registry.upload('lib', { name: 'nullish', values: { none: null, a: 1 } });
    const recipe = { save: { chart: 'n', version: '1.0.0' }, configs: source('nullish') };
    const foreseen = await dryRun(recipe);
    expect(foreseen).toMatchObject({
      values: { a: 1 },
      warnings: [
        { code: 'values.majors', message: expect.stringContaining('none (Helm 3: null, Helm 4: nothing)') },
      ],
    });
  });
});

describe('values that a recipe makes of imports', () => {
  it('must fit the schema of the chart that imports', async () => {
    const configs = {
      ...source('importing', { subcharts: 'keep' }),
      _config: { sub: { exports: { data: { x: 11 } } } },
    };
    const response = await registry.orchestrate('lib', { save: { chart: 'bad', version: '1.0.0' }, configs });
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({ code: 'values.invalid' });
  });
});

describe('PUT manifests/values', () => {
  const owner: TestChart = { name: 'owner', values: { port: 1 }, files: schemaFile(port), subcharts: [sub] };
  beforeAll(() => registry.upload('lib', owner));

  it.each<[string, JsonObject, string]>([
    ['its own schema', { port: 'x' }, '/port'],
    ["a subchart's", { port: 1, sub: { port: 70000 } }, '/sub/port'],
    ["a subchart's, that is no map", { sub: 'x' }, '/sub'],
  ])('is refused where values do not fit %s', async (_, values, pointer) => {
    const before = await read('owner');
    const response = await put('owner', values);
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({ code: 'values.invalid', details: { pointer } });
    expect(await read('owner')).toEqual(before);
  });

  it('is refused with the whole body where what is imported does not fit', async () => {
    await registry.upload('put', importing);
    const path = '/spaces/put/charts/importing/versions/1.0.0/manifests/values';
    const headers = { 'Content-Type': 'application/json' };
    const bad = JSON.stringify({ sub: { exports: { data: { x: 11 } } } });
    const response = await registry.api(path, { method: 'PUT', headers, body: bad });
    expect(await errorOf(response)).toMatchObject({ code: 'values.invalid', details: { pointer: '' } });
  });

  it('is refused where the schema is one that Helm refuses', async () => {
    await registry.upload('lib', { name: 'broken', files: schemaFile({ $ref: '#/nowhere' }) });
    expect(await errorOf(await put('broken', { a: 1 }))).toMatchObject({ code: 'schema.invalid' });
  });

  it('says in a header which part of a schema is not checked', async () => {
    const files = schemaFile({ properties: { a: { $ref: 'https://example.com/a.json' } } });
    await registry.upload('lib', { name: 'elsewhere', files });
    const response = await put('elsewhere', { a: 2 });
    expect(response.status).toBe(200);
    expect(response.headers.get('warning')).toMatch(
      /^299 - "schema\.unchecked: [^"]*elsewhere 1\.0\.0 [^"]*example\.com\/a\.json[^"]*"$/,
    );
    expect((await put('owner', { port: 3 })).headers.get('warning')).toBeNull();
  });

  it('reads back as Helm computes it, nulls left out', async () => {
    expect((await put('owner', { port: 2, none: null, sub: { port: null, host: 'mine' } })).status).toBe(200);
    expect(await read('owner')).toEqual({
      port: 2,
      sub: { port: 80, host: 'mine', exports: { data: { x: 1 } }, global: {} },
    });
  });
});
