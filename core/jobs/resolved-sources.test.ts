import { expect, it } from 'vitest';
import type { Digest } from '../blobs/port.ts';
import { parseRecipe } from '../recipe/parse.ts';
import { createResolvedSourceCache } from './resolved-sources.ts';

const digest: Digest = `sha256:${'a'.repeat(64)}`;
const web = { space: 'lib', chart: 'web', version: '1.0.0' };
const source = { digest, metadata: { name: 'web', version: '1.0.0' } };

function recipeOf(version: string, child = 'web') {
  const package_ = (chart: string) => ({ package: { ...web, independent: true, chart, version } });
  const body = {
    save: { chart: 'shop', version: '1.0.0' },
    configs: { ...package_('web'), child: package_(child) },
  };
  return parseRecipe(body, { space: 'shops', values: 'merge' });
}

it('the cache of sources returns the entry that was added last', () => {
  const cache = createResolvedSourceCache();
  cache.add(web, source);
  const newer = { ...source, digest: `sha256:${'b'.repeat(64)}` as const };
  cache.add(web, newer);
  expect(cache.find(recipeOf('1.0.0'))?.('lib', 'web', '1.0.0')).toEqual(newer);
});

it.each([
  ['a source is not cached', recipeOf('1.0.0', 'db')],
  // A newer version in the range may exist by now.
  ['a range is asked for', recipeOf('1.x')],
  ['the newest is asked for', recipeOf('latest')],
])('the cache of sources returns nothing where %s', (_, recipe) => {
  const cache = createResolvedSourceCache();
  cache.add(web, source);
  for (const version of ['1.x', 'latest']) cache.add({ ...web, version }, source);
  expect(cache.find(recipe)).toBeUndefined();
});
