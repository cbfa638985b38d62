import { expect, it } from 'vitest';
import type { Digest } from '../blobs/port.ts';
import { parseRecipe } from './parse.ts';
import { planRecipe } from './plan.ts';
import { listRecipeSources, resolvedSources, storedSources } from './sources.ts';

const digest: Digest = `sha256:${'a'.repeat(64)}`;

function source(chart: string, version = '1.0.0', independent = true) {
  return { package: { independent, space: 'lib', chart, version } };
}

const recipe = parseRecipe(
  {
    save: { chart: 'shop', version: '1.0.0' },
    configs: {
      ...source('web'),
      a: { ...source('db'), common: source('common', '2.0.0', false) },
      b: { ...source('db', '1.x'), inner: source('db') },
    },
  },
  { space: 'shops', values: 'merge' },
);

/** Registry in which the range resolves to a version that the recipe also names. */
const plan = planRecipe(recipe, 'shops', (_, name) => ({
  version: '1.0.0',
  digest,
  metadata: { name, version: '1.0.0', dependencies: [{ name: 'common', version: '2.0.0' }] },
}));

it('sourcesOf lists every independent source once, with the first place that names it', () => {
  const asked = listRecipeSources(recipe).map(({ chart, version, pointer }) => [chart, version, pointer]);
  expect(asked).toEqual([
    ['web', '1.0.0', '/configs/package'],
    ['db', '1.0.0', '/configs/a/package'],
    ['db', '1.x', '/configs/b/package'],
  ]);
});

it('resolvedSources lists each request with its resolved version', () => {
  const resolved = resolvedSources(recipe, plan);
  expect(resolved.map(({ requested, version, pointer }) => [requested, version, pointer])).toEqual([
    ['1.0.0', '1.0.0', '/configs/package'],
    ['1.0.0', '1.0.0', '/configs/a/package'],
    ['1.x', '1.0.0', '/configs/b/package'],
  ]);
});

it('storedSources lists every stored version once, and no subchart', () => {
  expect(storedSources(plan.root)).toEqual([
    { kind: 'stored', space: 'lib', chart: 'web', version: '1.0.0', digest },
    { kind: 'stored', space: 'lib', chart: 'db', version: '1.0.0', digest },
  ]);
});
