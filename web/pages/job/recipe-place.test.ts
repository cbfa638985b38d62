import { expect, it } from 'vitest';
import { findLineOfKey } from './recipe-place.ts';

const recipe = {
  save: { chart: 'shop', version: '1.0.0', from: ['a', { b: 1 }] },
  configs: {
    _config: { 'a/b': 1, 'with "quotes"': { deep: true }, list: [[], {}, [1, 2]] },
    db: { _config: {}, package: { version: '^1' } },
  },
};
const text = JSON.stringify(recipe, null, 2);
const lineAt = (pointer: string) => text.split('\n')[findLineOfKey(text, pointer)]?.trim();

it.each([
  ['/save/version', '"version": "1.0.0",'],
  ['/save/from/1/b', '"b": 1'],
  ['/configs/_config/a~1b', '"a/b": 1,'],
  ['/configs/_config/with "quotes"/deep', '"deep": true'],
  ['/configs/_config/list/2/1', '2'],
  ['/configs/db/package/version', '"version": "^1"'],
  // The key itself is missing, so its container is shown.
  ['/configs/db/package/chart', '"package": {'],
  ['/configs/db/_config/replicas', '"_config": {},'],
  ['', '{'],
])('finds the line of %s', (pointer, line) => {
  expect(lineAt(pointer)).toBe(line);
});
