import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRegistryError } from '../errors.ts';
import { isObject, type Json, type JsonObject, setKey } from '../yaml/json.ts';
import { parseRecipe } from './parse.ts';
import { planRecipe } from './plan.ts';
import type { Recipe, RecipeNode } from './recipe.ts';

const defaults = { space: 'shops', values: 'merge' } as const;

const names = fc.constantFrom<string[]>('a', 'b', 'db', 'B-1', 'x.y', '7', 'constructor', 'shop');
const junk: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json[]>(null, true, 0, '', 'x', '_', 'global', '\u0000', '\ud800', [], {}),
  fc.object({ maxDepth: 2 }).map((value): Json => JSON.parse(JSON.stringify(value))),
);
const config = fc
  .dictionary(
    fc.oneof(names, fc.string(), fc.constantFrom('__proto__', 'a/b', 'a~1')),
    fc.jsonValue({ maxDepth: 3 }),
  )
  .map((value): JsonObject => JSON.parse(JSON.stringify(value)));

function nodes(depth: number): fc.Arbitrary<JsonObject> {
  const source = fc.record({
    independent: depth === 0 ? fc.constant(true) : fc.boolean(),
    space: fc.constantFrom('lib', 'shops'),
    chart: names,
    version: fc.constantFrom('1.0.0', 'v2.1', '3.0.0-rc.1+b'),
  });
  const children = depth === 3 ? fc.constant({}) : fc.dictionary(names, nodes(depth + 1), { maxKeys: 2 });
  return fc
    .tuple(source, fc.option(config, { nil: null }), children)
    .map(([own, values, inner]): JsonObject => ({ package: own, _config: values, ...inner }));
}

const bodies: fc.Arbitrary<JsonObject> = fc
  .tuple(nodes(0), fc.constantFrom('merge', 'replace', 'literal'))
  .map(([configs, values]) => ({ save: { chart: 'shop', version: '1.0.0', values }, configs }));

/** Lists every place in a body, with a copy of the body that has another value there, or none. */
function pathsOf(value: Json, path: string[] = []): string[][] {
  const inner = isObject(value) ? Object.keys(value) : [];
  return [
    path,
    ...inner.flatMap((key) => pathsOf(isObject(value) ? (value[key] ?? null) : null, [...path, key])),
  ];
}

function change(value: Json, [key, ...rest]: string[], to: Json | undefined): Json {
  if (key === undefined) return to ?? null;
  const changed: JsonObject = {};
  if (!isObject(value)) return changed;
  for (const [name, content] of Object.entries(value)) {
    if (name !== key) setKey(changed, name, content);
    else if (rest.length > 0 || to !== undefined) setKey(changed, name, change(content, rest, to));
  }
  return changed;
}

/** Checks that a pointer leads to a value of the body, or to a key that a map lacks. */
function leadsInto(body: Json, pointer: string): boolean {
  let value: unknown = body;
  const keys = pointer.split('/').slice(1);
  for (const [index, escaped] of keys.entries()) {
    const key = escaped.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof value !== 'object' || value === null) return false;
    if (!Object.hasOwn(value, key)) return index === keys.length - 1 && !Array.isArray(value);
    value = Object.entries(value).find(([name]) => name === key)?.[1];
  }
  return true;
}

/** Parses a body; returns the recipe, or the error's pointer. */
function attempt(body: Json): { recipe: Recipe } | { pointer: string | undefined } {
  try {
    return { recipe: parseRecipe(body, defaults) };
  } catch (error) {
    if (!isRegistryError(error, 'recipe.invalid')) throw error;
    expect(error.message).not.toContain('undefined');
    return { pointer: error.details?.pointer };
  }
}

function countNodes(node: RecipeNode): number {
  return node.children.reduce((sum, child) => sum + countNodes(child.node), 1);
}

describe('any recipe', () => {
  it('any recipe parses into a node for each `package`, or the error points into it', () => {
    let parsed = 0;
    fc.assert(
      fc.property(bodies, (body) => {
        const result = attempt(body);
        if ('pointer' in result) {
          expect(leadsInto(body, result.pointer ?? 'none')).toBe(true);
          return;
        }
        parsed += 1;
        const packages = pathsOf(body.configs ?? null).filter(
          (path) => path.at(-1) === 'package' && !path.includes('_config'),
        );
        expect(countNodes(result.recipe.root)).toBe(packages.length);
      }),
      { numRuns: 100 },
    );
    expect(parsed).toBeGreaterThan(10);
  });

  it('any recipe broken at one place still parses, or the error points into it', () => {
    let broken = 0;
    fc.assert(
      fc.property(bodies, fc.nat(), fc.option(junk, { nil: undefined }), (body, at, value) => {
        const paths = pathsOf(body);
        const changed = change(body, paths[at % paths.length] ?? [], value);
        const result = attempt(changed);
        if (!('pointer' in result)) return;
        broken += 1;
        expect(leadsInto(changed, result.pointer ?? 'none')).toBe(true);
      }),
      { numRuns: 300 },
    );
    expect(broken).toBeGreaterThan(30);
  });

  it('any recipe is planned, or the error names the package whose source is missing', () => {
    fc.assert(
      fc.property(bodies, fc.array(names), (body, stored) => {
        const result = attempt(body);
        if ('pointer' in result) return;
        try {
          const plan = planRecipe(result.recipe, 'shops', (_, chart, version) =>
            stored.includes(chart)
              ? {
                  digest: `sha256:${'0'.repeat(64)}`,
                  metadata: { name: chart, version, dependencies: [{ name: 'a', version }] },
                }
              : undefined,
          );
          expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
        } catch (error) {
          if (!isRegistryError(error, 'source.notFound')) throw error;
          expect(error.details?.pointer).toMatch(/\/package$/);
          expect(leadsInto(body, error.details?.pointer ?? 'none')).toBe(true);
        }
      }),
      { numRuns: 100 },
    );
  });
});
