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

it('what is guessed is what was noted last', () => {
  const known = createResolvedSourceCache();
  known.add(web, source);
  const newer = { ...source, digest: `sha256:${'b'.repeat(64)}` as const };
  known.add(web, newer);
  expect(known.find(recipeOf('1.0.0'))?.('lib', 'web', '1.0.0')).toEqual(newer);
});

it.each([
  ['a source is not known', recipeOf('1.0.0', 'db')],
  // Another version may meet it by now.
  ['a range is asked for', recipeOf('1.x')],
  ['the newest is asked for', recipeOf('latest')],
])('nothing is guessed where %s', (_, recipe) => {
  const known = createResolvedSourceCache();
  known.add(web, source);
  for (const version of ['1.x', 'latest']) known.add({ ...web, version }, source);
  expect(known.find(recipe)).toBeUndefined();
});
