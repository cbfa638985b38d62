import { describe, expect, it } from 'vitest';
import type { Digest } from '../blobs/port.ts';
import { isRegistryError, type RegistryError } from '../errors.ts';
import type { JsonObject } from '../yaml/json.ts';
import { parseRecipe } from './parse.ts';
import { type FoundSource, planRecipe } from './plan.ts';
import type { Recipe } from './recipe.ts';

const digest: Digest = `sha256:${'a'.repeat(64)}`;

function recipe(configs: object, save: object = {}): Recipe {
  const body = { save: { chart: 'shop', version: '1.0.0', ...save }, configs };
  return parseRecipe(body, { space: 'shops', values: 'merge' });
}

function source(chart: string, version = '1.0.0', independent = true) {
  return { package: { independent, space: 'lib', chart, version } };
}

function inside(name: string, version: string, dependencies: JsonObject[] = []): JsonObject {
  return { name, version, dependencies };
}

/** Makes a registry of a single chart with the given subcharts. */
function registry(chart: string, dependencies: JsonObject[] = []) {
  return (space: string, name: string, version: string): FoundSource | undefined =>
    space === 'lib' && name === chart && version === '1.0.0'
      ? { digest, metadata: inside(chart, version, dependencies) }
      : undefined;
}

function faultOf(run: () => unknown): RegistryError {
  try {
    run();
  } catch (error) {
    if (isRegistryError(error)) return error;
    throw error;
  }
  throw new Error('the plan was made');
}

describe('planRecipe', () => {
  it("planRecipe resolves stored sources to digests, and keeps the recipe's configuration", () => {
    const plan = planRecipe(
      recipe(
        { ...source('web'), _config: { a: 1 }, two: source('web') },
        { description: 'd', values: 'replace' },
      ),
      'shops',
      registry('web'),
    );
    const stored = { kind: 'stored', space: 'lib', chart: 'web', version: '1.0.0', digest };
    expect(plan).toEqual({
      space: 'shops',
      chart: 'shop',
      version: '1.0.0',
      description: 'd',
      values: 'replace',
      root: {
        source: stored,
        config: { a: 1 },
        children: [{ name: 'two', node: { source: stored, children: [] } }],
      },
    });
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  });

  it("planRecipe finds dependent sources inside the parent's source, at every depth", () => {
    const contents = [inside('db', '2.0.0', [inside('common', '3.0.0')])];
    const configs = {
      ...source('web'),
      db: { ...source('db', '2.0.0', false), renamed: source('common', '3.0.0', false) },
    };
    const plan = planRecipe(recipe(configs), 'shops', registry('web', contents));
    const [db] = plan.root.children;
    expect(db?.node.source).toEqual({ kind: 'subchart', chart: 'db', version: '2.0.0' });
    expect(db?.node.children[0]?.node.source).toEqual({
      kind: 'subchart',
      chart: 'common',
      version: '3.0.0',
    });
  });

  it('planRecipe picks the subchart of the requested version if several have the name', () => {
    const contents = [inside('db', '2.0.0'), inside('db', '1.0.0')];
    const configs = { ...source('web'), db: source('db', '1.0.0', false) };
    const plan = planRecipe(recipe(configs), 'shops', registry('web', contents));
    expect(plan.root.children[0]?.node.source).toEqual({ kind: 'subchart', chart: 'db', version: '1.0.0' });
  });

  it('the error names a stored source that does not exist', () => {
    const error = faultOf(() =>
      planRecipe(recipe({ ...source('web'), db: source('db') }), 'shops', registry('web')),
    );
    expect(error.code).toBe('source.notFound');
    expect(error.message).toContain('lib/db/1.0.0 does not exist');
    expect(error.details).toEqual({ pointer: '/configs/db/package' });
  });

  it.each([
    [
      'another version',
      [inside('db', '2.0.0'), inside('cache', '1.2.3')],
      'it contains db 2.0.0, cache 1.2.3',
    ],
    ['no such subchart', [inside('cache', '1.2.3')], 'it contains cache 1.2.3'],
    ['no subcharts', [], 'it contains no subcharts'],
  ])('the error lists the subcharts of a parent with %s', (_, contents, message) => {
    const configs = { ...source('web'), db: source('db', '1.0.0', false) };
    const error = faultOf(() => planRecipe(recipe(configs), 'shops', registry('web', contents)));
    expect(error.code).toBe('source.notFound');
    expect(error.message).toContain(`lib/web/1.0.0 does not contain db 1.0.0: ${message}`);
    expect(error.details).toEqual({ pointer: '/configs/db/package' });
  });

  it('planRecipe makes the same plan whatever the order of keys', () => {
    const one = recipe({ ...source('web'), b: source('web'), a: source('web') });
    const other = recipe({ a: source('web'), b: source('web'), ...source('web') });
    const find = registry('web');
    expect(JSON.stringify(planRecipe(one, 's', find))).toBe(JSON.stringify(planRecipe(other, 's', find)));
  });
});
