import { describe, expect, it } from 'vitest';
import { isRegistryError, type RegistryError } from '../errors.ts';
import { isObject } from '../yaml/json.ts';
import { parseRecipe } from './parse.ts';

const defaults = { space: 'shop', values: 'merge' } as const;

function source(chart = 'wordpress', independent = true) {
  return { independent, space: 'lib', chart, version: '27.0.0' };
}

function body(root: Record<string, unknown> = {}, save: Record<string, unknown> = {}) {
  return {
    save: { chart: 'shop', version: '1.0.0', ...save },
    configs: { package: source(), ...root },
  };
}

function faultOf(recipe: unknown): RegistryError {
  try {
    parseRecipe(recipe, defaults);
  } catch (error) {
    if (isRegistryError(error)) return error;
    throw error;
  }
  throw new Error('the recipe was taken');
}

/** Makes a valid recipe with one value set, or removed if it is undefined. */
function withValue([key, ...rest]: string[], value: unknown, within: unknown = base()): unknown {
  if (key === undefined) return value;
  const changed = withValue(rest, value, isObject(within) ? within[key] : undefined);
  return { ...(isObject(within) ? within : {}), [key]: changed };
}

function base() {
  return { ...body({ db: { package: source('mariadb') } }), callback: { url: 'https://example.com' } };
}

describe('parseRecipe', () => {
  it('parseRecipe returns the tree of a recipe, with pointers', () => {
    const recipe = parseRecipe(
      {
        ...body({
          _config: { replicaCount: 2 },
          db: { package: source('mariadb'), common: { package: source('common', false) } },
          cache: { package: source('redis') },
        }),
        callback: { url: 'https://example.com/done', secret: 's' },
      },
      defaults,
    );
    expect(recipe).toEqual({
      chart: 'shop',
      version: '1.0.0',
      values: 'merge',
      callback: { url: 'https://example.com/done', secret: 's' },
      root: {
        pointer: '/configs',
        package: source(),
        config: { replicaCount: 2 },
        children: [
          { name: 'cache', node: { pointer: '/configs/cache', package: source('redis'), children: [] } },
          {
            name: 'db',
            node: {
              pointer: '/configs/db',
              package: source('mariadb'),
              children: [
                {
                  name: 'common',
                  node: { pointer: '/configs/db/common', package: source('common', false), children: [] },
                },
              ],
            },
          },
        ],
      },
    });
  });

  it('parseRecipe ignores the two keys of `save` that the client of the original registry sends', () => {
    const recipe = parseRecipe(body({}, { space: 'x', desc: 'y' }), defaults);
    expect(recipe).not.toHaveProperty('description');
  });

  it.each<[string, unknown, string, string]>([
    ['the top', { ...base(), callbck: {} }, '/callbck', 'Did you mean callback?'],
    ['`save`', withValue(['save', 'descripton'], 'x'), '/save/descripton', 'Did you mean description?'],
    [
      '`package`',
      withValue(['configs', 'package', 'sub-charts'], 'keep'),
      '/configs/package/sub-charts',
      'subcharts?',
    ],
    [
      "a child's `package`",
      withValue(['configs', 'db', 'package', 'a/b'], 1),
      '/configs/db/package/a~1b',
      'Known here:',
    ],
    ['a node, for package', withValue(['configs', 'packge'], {}), '/configs/packge', 'Did you mean package?'],
    [
      'a child, for _config',
      withValue(['configs', 'db', 'config'], { a: 1 }),
      '/configs/db/config',
      'Did you mean _config?',
    ],
    [
      '`callback`',
      withValue(['callback'], { url: 'https://x.y', secrt: 's' }),
      '/callback/secrt',
      'Did you mean secret?',
    ],
  ])('parseRecipe refuses an unknown key of %s', (_, recipe, pointer, hint) => {
    const { code, message, details } = faultOf(recipe);
    expect({ code, details }).toEqual({ code: 'recipe.invalid', details: { pointer } });
    expect(message).toContain(hint);
  });

  it("the recipe's values mode wins over the server's", () => {
    expect(parseRecipe(body(), { space: 'shop', values: 'literal' }).values).toBe('literal');
    expect(parseRecipe(body({}, { values: 'replace' }), defaults).values).toBe('replace');
  });

  it('parseRecipe sorts children by bytes', () => {
    const node = { package: source() };
    const recipe = parseRecipe(body({ b: node, a10: node, B: node, a2: node, '1': node }), defaults);
    expect(recipe.root.children.map(({ name }) => name)).toEqual(['1', 'B', 'a10', 'a2', 'b']);
  });

  const node = ['configs', 'db'];
  it.each<[string[], unknown, string]>([
    [['save'], undefined, 'is missing'],
    [['save'], [], 'not a list'],
    [['save', 'chart'], undefined, 'is missing'],
    [['save', 'chart'], 1, 'not a number'],
    [['save', 'chart'], '_shop', 'a chart name'],
    [['save', 'chart'], '../shop', 'a chart name'],
    [['save', 'version'], undefined, 'is missing'],
    [['save', 'version'], 'v1.0.0', 'SemVer 2'],
    [['save', 'version'], '1.0', 'SemVer 2'],
    [['save', 'description'], {}, 'a string'],
    [['save', 'values'], 'append', '"merge", "replace" or "literal"'],
    [['callback'], 'https://example.com', 'an object'],
    [['callback', 'url'], undefined, 'is missing'],
    [['configs'], undefined, 'is missing'],
    [['configs'], null, 'not null'],
    [[...node, 'package'], undefined, 'is missing'],
    [[...node, 'package'], 'mariadb', 'not a string'],
    [[...node, 'package', 'independent'], undefined, 'is missing'],
    [[...node, 'package', 'independent'], 'true', 'true or false'],
    [[...node, 'package', 'space'], null, 'not null'],
    [[...node, 'package', 'space'], '-lib', 'name of a space'],
    [[...node, 'package', 'chart'], undefined, 'is missing'],
    [[...node, 'package', 'chart'], 'a/b', 'name of a chart'],
    [[...node, 'package', 'version'], undefined, 'is missing'],
    [[...node, 'package', 'version'], 'newest', 'a version'],
    [[...node, '_config'], [], 'not a list'],
    [[...node, '_config'], null, 'not null'],
    [[...node, 'common'], null, 'not null'],
  ])('the error names %j if it is %j', (path, value, fault) => {
    const error = faultOf(JSON.parse(JSON.stringify(withValue(path, value))));
    expect(error.code).toBe('recipe.invalid');
    expect(error.details).toEqual({ pointer: `/${path.join('/')}` });
    expect(error.message).toContain(fault);
  });

  it.each([null, undefined, [], 'x', 3])('parseRecipe refuses %j as a body', (value) => {
    expect(faultOf(value).code).toBe('recipe.invalid');
  });

  it.each(['_x', '-x', '.x', 'global', 'a b', 'a/b', 'a~b', '', '__proto__', 'a'.repeat(251)])(
    'parseRecipe refuses a child named %j',
    (name) => {
      const recipe: unknown = JSON.parse(
        `{"save":{"chart":"shop","version":"1.0.0"},"configs":{"package":${JSON.stringify(source())},${JSON.stringify(name)}:{}}}`,
      );
      const escaped = name.replaceAll('~', '~0').replaceAll('/', '~1');
      expect(faultOf(recipe).details).toEqual({ pointer: `/configs/${escaped}` });
    },
  );

  it('parseRecipe accepts names of properties that every JavaScript object has', () => {
    const recipe = parseRecipe(
      body({ constructor: { package: source() }, toString: { package: source() } }),
      defaults,
    );
    expect(recipe.root.children.map(({ name }) => name)).toEqual(['constructor', 'toString']);
    const bare: unknown = { save: { chart: 'shop', version: '1.0.0' }, configs: { constructor: {} } };
    expect(faultOf(bare).details).toEqual({ pointer: '/configs/constructor/package' });
  });

  it('parseRecipe accepts any key in a configuration, also __proto__', () => {
    const config: unknown = JSON.parse('{"__proto__":{"a":1},"":2,"a/b":3}');
    const recipe = parseRecipe(body({ _config: config }), defaults);
    expect(Object.keys(recipe.root.config ?? {})).toEqual(['__proto__', '', 'a/b']);
  });

  it('parseRecipe refuses a root that is not independent', () => {
    expect(faultOf(body({ package: source('wordpress', false) })).details?.pointer).toBe(
      '/configs/package/independent',
    );
  });

  it('parseRecipe refuses the new chart as its own source, unless it is taken out of another chart', () => {
    const itself = { space: 'shop', chart: 'shop', version: '1.0.0' };
    const db = { package: { ...itself, independent: true } };
    expect(faultOf(body({ db })).details?.pointer).toBe('/configs/db/package');
    const inner = { package: { ...itself, independent: false } };
    expect(parseRecipe(body({ db: inner }), defaults).root.children).toHaveLength(1);
    const older = { package: { ...itself, independent: true, version: '0.9.0' } };
    expect(parseRecipe(body({ db: older }), defaults).root.children).toHaveLength(1);
  });

  it('parseRecipe refuses a child with the name of an ancestor, the new chart included', () => {
    const leaf = { package: source() };
    expect(faultOf(body({ shop: leaf })).details?.pointer).toBe('/configs/shop');
    const cycle = { package: source(), b: { package: source(), a: leaf } };
    expect(faultOf(body({ a: cycle })).details?.pointer).toBe('/configs/a/b/a');
    const cousins = body({ a: { ...leaf, c: leaf }, b: { ...leaf, c: leaf } });
    expect(parseRecipe(cousins, defaults).root.children).toHaveLength(2);
  });

  it('parseRecipe refuses values for a child that are not a map, except as literal values', () => {
    const root = {
      _config: { db: { common: 'off' } },
      db: { package: source(), common: { package: source() } },
    };
    expect(faultOf(body(root)).details?.pointer).toBe('/configs/_config/db/common');
    expect(parseRecipe(body(root, { values: 'literal' }), defaults).values).toBe('literal');
    const removed = { ...root, _config: { db: null } };
    expect(parseRecipe(body(removed), defaults).root.config).toEqual({ db: null });
  });

  it('parseRecipe refuses text that cannot be stored, at any place', () => {
    expect(faultOf(body({ _config: { a: ['x', 'b\u0000'] } })).details?.pointer).toBe('/configs/_config/a/1');
    expect(faultOf(body({ _config: { 'k\u0000': 1 } })).details?.pointer).toBe('/configs/_config');
    expect(faultOf(body({}, { desc: '\uD800' })).details?.pointer).toBe('/save/desc');
    expect(faultOf(body({ _config: { a: Number.POSITIVE_INFINITY } })).details?.pointer).toBe(
      '/configs/_config/a',
    );
  });

  it('parseRecipe accepts 1,000 nodes and no more', () => {
    const children = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`c${index}`, { package: source() }]));
    expect(parseRecipe(body(children(999)), defaults).root.children).toHaveLength(999);
    expect(faultOf(body(children(1_000))).message).toContain('at most 1000');
  });

  it('parseRecipe accepts 32 levels of nodes and no more', () => {
    const chain = (depth: number): Record<string, unknown> =>
      depth === 1 ? { package: source() } : { package: source(), [`n${depth}`]: chain(depth - 1) };
    expect(parseRecipe({ ...body(), configs: chain(32) }, defaults).root.children).toHaveLength(1);
    expect(faultOf({ ...body(), configs: chain(33) }).code).toBe('request.tooDeep');
  });

  it('parseRecipe accepts 100 levels of configuration and no more, and never overflows the stack', () => {
    const nested = (depth: number): unknown => {
      let value: unknown = 1;
      for (let level = 0; level < depth; level += 1) value = { a: value };
      return value;
    };
    expect(parseRecipe(body({ _config: nested(100) }), defaults).root.config).toBeDefined();
    expect(faultOf(body({ _config: nested(101) })).code).toBe('request.tooDeep');
    expect(faultOf(body({ _config: nested(100_000) })).code).toBe('request.tooDeep');
    expect(faultOf({ ...body(), extra: nested(100_000) }).code).toBe('request.tooDeep');
  });
});
