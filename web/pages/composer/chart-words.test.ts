import { expect, it } from 'vitest';
import { readChartWords } from './chart-words.ts';

it.each([
  ['', { word: '' }],
  [' redis ', { word: 'redis' }],
  ['team-a/', { space: 'team-a', word: '' }],
  ['team-a/redis', { space: 'team-a', word: 'redis' }],
  ['/redis', { word: '/redis' }],
])('%j is read as a space and a word', (text, words) => {
  expect(readChartWords(text)).toEqual(words);
});
