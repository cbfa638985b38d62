import { expect, it } from 'vitest';
import { readRecipe } from './read-recipe.ts';

const head = 'save: {chart: shop, version: 1.0.0}\nconfigs:\n  _config:\n';

const placesOf = (text: string) => readRecipe(text, { space: 'lib', values: 'merge' }, 'yaml').places ?? {};

it('a recipe in YAML keeps the places of nodes, and of configured values with their items', () => {
  const text = `${head}    a/b: {c: 1}\n    list:\n    - one\n    - two\n  store:\n    _config:\n      text: "no"\n    package: {independent: true, space: lib, chart: web, version: 1.0.0}\n`;
  expect(placesOf(text)).toEqual({
    '/configs': [2, 1],
    '/configs/_config': [3, 3],
    '/configs/_config/a~1b': [4, 5],
    '/configs/_config/a~1b/c': [4, 14],
    '/configs/_config/list': [5, 5],
    '/configs/_config/list/0': [6, 7],
    '/configs/_config/list/1': [7, 7],
    '/configs/store': [8, 3],
    '/configs/store/package': [11, 5],
    '/configs/store/_config': [9, 5],
    '/configs/store/_config/text': [10, 13],
  });
});

it.each([
  ['values', Array.from({ length: 5_000 }, (_, index) => `    k${index}: 1\n`).join('')],
  ['characters', `    ${'k'.repeat(1_000)}:\n${'    - {a: 1}\n'.repeat(400)}`],
])('the places of configured values are bounded in %s, those of nodes are not', (_, config) => {
  const package_ = 'package: {independent: true, space: lib, chart: web, version: 1.0.0}';
  const places = placesOf(`${head}${config}  store:\n    ${package_}\n`);
  expect(Object.keys(places).length).toBeLessThan(1_010);
  expect(Object.keys(places).join('').length).toBeLessThan(66_000);
  expect(places).toHaveProperty(['/configs/store/package']);
});

it('the places of nodes are bounded in characters', () => {
  const package_ = 'package: {independent: true, space: lib, chart: web, version: 1.0.0}';
  const leaves = Array.from({ length: 900 }, (_, index) => `n${index}: {${package_}}`).join(', ');
  const nodes = Array.from({ length: 30 }).reduce<string>(
    (inner, _, level) => `${'a'.repeat(240)}${level}: {${package_}, ${inner}}`,
    leaves,
  );
  const places = placesOf(`save: {chart: shop, version: 1.0.0}\nconfigs: {${package_}, ${nodes}}\n`);
  expect(Object.keys(places).join('').length).toBeLessThan(1_100_000);
  expect(places).toHaveProperty(['/configs/package']);
});
