import { describe, expect, it } from 'vitest';
import type { Chart, Dependency } from '../chart/chart.ts';
import { isRegistryError, type RegistryError } from '../errors.ts';
import type { JsonObject } from '../yaml/json.ts';
import { checkValues } from './check-values.ts';
import { makeChart, makePlan, type NodeSpec } from './compose.fixture.ts';
import type { Plan } from './plan.ts';
import { resolveTree } from './resolve-tree.ts';

const port: JsonObject = { properties: { auth: { properties: { port: { type: 'integer' } } } } };

function chart(
  name: string,
  values: string,
  schema?: JsonObject | string,
  rest: { dependencies?: Dependency[]; subcharts?: Chart[] } = {},
): Chart {
  const text = typeof schema === 'string' ? schema : JSON.stringify(schema);
  return makeChart({ name, values, ...rest, files: schema ? { 'values.schema.json': text } : {} });
}

function check(root: NodeSpec, rest: Partial<Plan> = {}): RegistryError | string[] {
  const { plan, sources } = makePlan(root, rest);
  try {
    return checkValues(resolveTree(plan, sources), plan);
  } catch (error) {
    if (isRegistryError(error)) return error;
    throw error;
  }
}

const pointerOf = (found: RegistryError | string[]) =>
  isRegistryError(found) ? found.details?.pointer : found;
const db = chart('db', 'auth: {port: 1}\n', port);
const web = chart('web', 'replicas: 1\n');

describe('checkValues', () => {
  it('checkValues accepts values that fit the schemas', () => {
    expect(check({ chart: web, children: { db: { chart: db, config: { auth: { port: 2 } } } } })).toEqual([]);
  });

  it("a fault in a child's values points to the key in that child's node", () => {
    const found = check({ chart: web, children: { db: { chart: db, config: { auth: { port: 'x' } } } } });
    expect(found).toMatchObject({
      code: 'values.invalid',
      details: { pointer: '/configs/db/_config/auth/port' },
    });
    expect(isRegistryError(found) && found.message).toContain('shop/db 1.0.0 at db.auth.port');
  });

  it("a fault in a child's values points to the parent's configuration if the parent sets the value", () => {
    const config = { db: { auth: { port: 'x' } } };
    expect(pointerOf(check({ chart: web, config, children: { db: { chart: db } } }))).toBe(
      '/configs/_config/db/auth/port',
    );
  });

  it("a fault in a value that parent and child set points to the child's configuration, which wins", () => {
    const children = { db: { chart: db, config: { auth: { port: 'child' } } } };
    expect(pointerOf(check({ chart: web, config: { db: { auth: { port: 'x' } } }, children }))).toBe(
      '/configs/db/_config/auth/port',
    );
  });

  it('a fault in a default points to the node', () => {
    const bad = chart('bad', 'auth: {port: x}\n', port);
    expect(
      pointerOf(check({ chart: web, children: { a: { chart: web, children: { b: { chart: bad } } } } })),
    ).toBe('/configs/a/b');
  });

  it('a fault in a global value points to the configuration that sets it', () => {
    const strict = chart('strict', '', {
      properties: { global: { properties: { tz: { type: 'integer' } } } },
    });
    const root = { chart: web, config: { global: { tz: 'x' } }, children: { s: { chart: strict } } };
    expect(pointerOf(check(root))).toBe('/configs/_config/global/tz');
  });

  it("a chart's schema is checked against all its values, those of its subcharts included", () => {
    const whole = chart('whole', '', {
      properties: { db: { properties: { auth: { required: ['user'] } } } },
    });
    expect(pointerOf(check({ chart: whole, children: { db: { chart: db } } }))).toBe('/configs/db');
    const config = { auth: { user: 'me' } };
    expect(check({ chart: whole, children: { db: { chart: db, config } } })).toEqual([]);
  });

  it('the values of a kept subchart are checked under its alias', () => {
    const source = chart('source', 'primary: {auth: {port: x}}\n', undefined, {
      dependencies: [{ name: 'db', version: '*', alias: 'primary' }],
      subcharts: [db],
    });
    expect(pointerOf(check({ chart: source, keep: true }))).toBe('/configs');
    const config = { primary: { auth: { port: true } } };
    expect(pointerOf(check({ chart: source, keep: true, config }))).toBe(
      '/configs/_config/primary/auth/port',
    );
    expect(check({ chart: source })).toEqual([]);
  });

  it.each<[string, Dependency, JsonObject, boolean]>([
    ['no condition', { name: 'db', version: '*' }, {}, true],
    [
      'a condition that is false',
      { name: 'db', version: '*', condition: 'db.on' },
      { db: { on: false } },
      false,
    ],
    [
      'the first condition with a value',
      { name: 'db', version: '*', condition: 'none.x,on' },
      { on: false },
      false,
    ],
    ['a tag that is false', { name: 'db', version: '*', tags: ['t'] }, { tags: { t: false } }, false],
    [
      'one tag that is true',
      { name: 'db', version: '*', tags: ['t', 'u'] },
      { tags: { t: false, u: true } },
      true,
    ],
    [
      'a condition over a tag',
      { name: 'db', version: '*', tags: ['t'], condition: 'on' },
      { tags: { t: false }, on: true },
      true,
    ],
  ])('a subchart is checked only while it is enabled by %s', (_, entry, config, checked) => {
    const bad = chart('db', 'auth: {port: x}\n', port);
    const source = chart('source', '', undefined, { dependencies: [entry], subcharts: [bad] });
    expect(isRegistryError(check({ chart: source, keep: true, config }))).toBe(checked);
  });

  it("checkValues checks only the recipe's values by replace, and none by literal", () => {
    const strict = chart('strict', 'user: me\n', { required: ['user'] });
    expect(check({ chart: strict })).toEqual([]);
    expect(pointerOf(check({ chart: strict }, { values: 'replace' }))).toBe('/configs');
    expect(check({ chart: strict }, { values: 'literal' })).toEqual([]);
  });

  it('checkValues refuses a schema that Helm would refuse', () => {
    const broken = chart('broken', '', '{');
    expect(check({ chart: web, children: { b: { chart: broken } } })).toMatchObject({
      code: 'schema.invalid',
      details: { pointer: '/configs/b' },
    });
  });

  it('checkValues lists references elsewhere, which it does not check', () => {
    const remote = chart('remote', '', { $ref: 'https://example.com/x.json' });
    const found = check({
      chart: chart('plain', ''),
      children: { r: { chart: remote } },
    });
    expect(found).toEqual([expect.stringContaining('not fetched')]);
  });

  it('checkValues checks the values that a chart imports from its subcharts', () => {
    const given = makeChart({ name: 'given', values: 'exports: {data: {port: 80}}' });
    const importing = chart(
      'importing',
      '',
      { required: ['port'], properties: { port: { type: 'integer' } } },
      {
        dependencies: [{ name: 'given', version: '*', 'import-values': ['data'] }],
        subcharts: [given],
      },
    );
    expect(check({ chart: importing, keep: true })).toEqual([]);
    expect(
      check({ chart: importing, keep: true, config: { given: { exports: { data: { port: 'x' } } } } }),
    ).toMatchObject({ code: 'values.invalid', details: { errors: [{ value: 'port' }] } });
    expect(check({ chart: importing })).toMatchObject({ code: 'values.invalid' });
  });
});
