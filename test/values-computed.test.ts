import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../core/yaml/json.ts';
import { errorOf } from './support/answers.ts';
import { packChart, schemaFile, type TestChart } from './support/charts.ts';
import { startRegistry, type TestRegistry } from './support/registry.ts';

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
const sendDryRun = (recipe: object): Promise<Response> =>
  registry.api('/spaces/lib/charts?dryRun=true', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(recipe),
  });
const dryRun = async (recipe: object): Promise<JsonObject> => jsonOf(await sendDryRun(recipe));
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
  it('computed values have the values of import-values, and none of a disabled dependency', async () => {
    expect(await read('importing')).toEqual(computed);
  });

  it('computed values merge all documents of values.yaml, as Helm 4 does', async () => {
    const text = Buffer.from('a: {x: 1}\n---\na: {z: 2}\n');
    await registry.upload('lib', await packChart({ name: 'twofold', files: { 'values.yaml': text } }));
    expect(await read('twofold')).toEqual({ a: { x: 1, z: 2 } });
  });

  it('computed values of an older computation are computed again', async () => {
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

describe('values that Helm 3 computes otherwise', () => {
  const differ =
    /Helm 3 and 4 compute different values of this chart: b \(Helm 3: .*, Helm 4: .*\)\. Those of Helm 4 are shown\.$/;
  const header =
    /^299 - "values\.majors: Helm 3 and 4 compute different values of this chart: b \(.*\)\. Those of Helm 4 are shown\."$/;
  const originsOf = async (chart: string) => jsonOf(await registry.api(`${pathOf(chart)}?origin=true`));

  it.each([
    ['a second document', 'documents', 'a: 1\n---\nb: 2\n'],
    ['a null', 'nulls', 'a: 1\nb: null\n'],
  ])('values are read with a warning if they differ by %s', async (_, name, text) => {
    await registry.upload('lib', await packChart({ name, files: { 'values.yaml': Buffer.from(text) } }));
    // The second answer comes from the cache.
    for (const _time of [1, 2]) {
      const response = await registry.api(pathOf(name));
      expect(response.headers.get('warning')).toMatch(header);
      expect(await response.json()).toMatchObject({ a: 1 });
    }
    expect(await originsOf(name)).toMatchObject({ values: { a: 1 }, majors: expect.stringMatching(differ) });
  });

  it('values are read and written without a warning if they are equal', async () => {
    for (const name of ['sub', 'importing']) {
      expect((await registry.api(pathOf(name))).headers.get('warning')).toBeNull();
      expect(await originsOf(name)).not.toHaveProperty('majors');
    }
  });

  it('values are written with a warning if they differ, and read without it once they are equal', async () => {
    const name = 'rewritten';
    await registry.upload('lib', { name, values: { a: 1 } });
    expect((await put(name, { a: 1, b: null })).headers.get('warning')).toMatch(header);
    expect((await registry.api(pathOf(name))).headers.get('warning')).toMatch(header);
    expect((await put(name, { a: 1 })).headers.get('warning')).toBeNull();
    expect((await registry.api(pathOf(name))).headers.get('warning')).toBeNull();
  });

  it('values of an older computation get the warning when they are read', async () => {
    const text = Buffer.from('a: 1\n---\nb: 2\n');
    await registry.upload('before', await packChart({ name: 'older', files: { 'values.yaml': text } }));
    await registry.db.query(
      `UPDATE versions SET values_majors = NULL, values_computation = 1
        WHERE chart_id IN (SELECT c.id FROM charts c JOIN spaces s ON s.id = c.space_id WHERE s.name = 'before')`,
    );
    const response = await registry.api('/spaces/before/charts/older/versions/1.0.0/manifests/values');
    expect(response.headers.get('warning')).toMatch(header);
  });

  it('a name with U+0000 is stored in the warning in its place', async () => {
    const text = Buffer.from('a: 1\n"b\\0": null\n');
    await registry.upload('lib', await packChart({ name: 'zero', files: { 'values.yaml': text } }));
    expect((await registry.api(pathOf('zero'))).headers.get('warning')).toContain('values.majors');
  });
});

describe('a dry run', () => {
  it('a dry run has the values of the new chart, and warns of imported ones', async () => {
    const configs = {
      ...source('importing', { subcharts: 'keep' }),
      _config: { sub: { exports: { data: { x: 5 } } } },
    };
    const recipe = { save: { chart: 'shop', version: '1.0.0' }, configs };
    const predicted = await dryRun(recipe);
    expect(predicted.values).toMatchObject({ x: 5, mine: { all: { data: { x: 5 } } } });
    expect(predicted.warnings).toContainEqual({
      code: 'values.imported',
      pointer: '/configs',
      message: expect.stringContaining('x: Helm 3 and 4 show 5'),
    });
    expect((await registry.orchestrate('lib', recipe, { Prefer: 'wait=30' })).status).toBe(201);
    expect(await read('shop')).toEqual(predicted.values);
  });

  it('a dry run warns where Helm 3 and 4 compute different values', async () => {
    await registry.upload('lib', { name: 'nullish', values: { none: null, a: 1 } });
    const recipe = { save: { chart: 'n', version: '1.0.0' }, configs: source('nullish') };
    const predicted = await dryRun(recipe);
    expect(predicted).toMatchObject({
      values: { a: 1 },
      warnings: [
        { code: 'values.majors', message: expect.stringContaining('none (Helm 3: null, Helm 4: nothing)') },
      ],
    });
  });
});

describe('values that a recipe makes of imports', () => {
  it('imported values must fit the schema of the importing chart', async () => {
    const configs = {
      ...source('importing', { subcharts: 'keep' }),
      _config: { sub: { exports: { data: { x: 11 } } } },
    };
    const response = await registry.orchestrate('lib', { save: { chart: 'bad', version: '1.0.0' }, configs });
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({ code: 'values.invalid' });
  });
});

describe('imports that lead to themselves', () => {
  const imports = ['data', { child: 'a', parent: 'b' }, { child: 'exports', parent: '.' }];
  const loop: TestChart = {
    name: 'loop',
    manifest: { dependencies: [{ name: 'looped', version: '1.0.0', 'import-values': imports }] },
    subcharts: [{ name: 'looped', values: { a: {} } }],
  };
  const values = { looped: { exports: { data: { data: {} } } } };

  it('imports that lead to themselves are refused at an upload, a recipe and a rewrite, which change nothing', async () => {
    expect((await registry.upload('lib', loop)).status).toBe(201);
    const before = await read('loop');
    const configs = { ...source('loop', { subcharts: 'keep' }), _config: values };
    const recipe = { save: { chart: 'looping', version: '1.0.0' }, configs };
    const refused = [
      await registry.upload('lib', { ...loop, version: '2.0.0', values }),
      await sendDryRun(recipe),
      await registry.orchestrate('lib', recipe, { Prefer: 'wait=30' }),
      await put('loop', values),
    ];
    for (const response of refused) {
      expect(response.status).toBe(400);
      expect(await errorOf(response)).toMatchObject({
        code: 'values.invalid',
        message: expect.stringContaining('The values contain themselves'),
      });
    }
    expect(await read('loop')).toEqual(before);
    expect((await registry.api('/spaces/lib/charts/loop/versions/2.0.0')).status).toBe(404);
  });
});

describe('PUT manifests/values', () => {
  const owner: TestChart = { name: 'owner', values: { port: 1 }, files: schemaFile(port), subcharts: [sub] };
  beforeAll(() => registry.upload('lib', owner));

  it.each<[string, JsonObject, string]>([
    ['its own schema', { port: 'x' }, '/port'],
    ['the schema of a subchart', { port: 1, sub: { port: 70000 } }, '/sub/port'],
    ['the schema of a subchart, being no map,', { sub: 'x' }, '/sub'],
  ])('a rewrite of values that do not fit %s is refused', async (_, values, pointer) => {
    const before = await read('owner');
    const response = await put('owner', values);
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({ code: 'values.invalid', details: { pointer } });
    expect(await read('owner')).toEqual(before);
  });

  it('a rewrite of values whose imports do not fit is refused with the pointer of the body', async () => {
    await registry.upload('put', importing);
    const path = '/spaces/put/charts/importing/versions/1.0.0/manifests/values';
    const headers = { 'Content-Type': 'application/json' };
    const bad = JSON.stringify({ sub: { exports: { data: { x: 11 } } } });
    const response = await registry.api(path, { method: 'PUT', headers, body: bad });
    expect(await errorOf(response)).toMatchObject({ code: 'values.invalid', details: { pointer: '' } });
  });

  it('a rewrite of values is refused where Helm refuses the schema', async () => {
    await registry.upload('lib', { name: 'broken', files: schemaFile({ $ref: '#/nowhere' }) });
    expect(await errorOf(await put('broken', { a: 1 }))).toMatchObject({ code: 'schema.invalid' });
  });

  it('a rewrite of values warns in a header of an unchecked part of a schema', async () => {
    const files = schemaFile({ properties: { a: { $ref: 'https://example.com/a.json' } } });
    await registry.upload('lib', { name: 'elsewhere', files });
    const response = await put('elsewhere', { a: 2 });
    expect(response.status).toBe(200);
    expect(response.headers.get('warning')).toMatch(
      /^299 - "schema\.unchecked: [^"]*elsewhere 1\.0\.0 [^"]*example\.com\/a\.json[^"]*"$/,
    );
    expect((await put('owner', { port: 3 })).headers.get('warning')).toBeNull();
  });

  it('rewritten values are read as Helm computes them, without nulls', async () => {
    expect((await put('owner', { port: 2, none: null, sub: { port: null, host: 'mine' } })).status).toBe(200);
    expect(await read('owner')).toEqual({
      port: 2,
      sub: { port: 80, host: 'mine', exports: { data: { x: 1 } }, global: {} },
    });
  });
});
