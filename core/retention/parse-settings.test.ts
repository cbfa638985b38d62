import { expect, it } from 'vitest';
import { isRegistryError } from '../errors.ts';
import type { Json } from '../yaml/json.ts';
import { parseRetention } from './parse-settings.ts';

const withKeep = (keep: Json) => ({ rules: [{ charts: ['*'], keep }] });

it('gives what is absent its default', () => {
  expect(parseRetention(withKeep({ last: 3, range: '^1', newerDays: 30 }))).toEqual({
    rules: [{ charts: ['*'], keep: { last: 3, range: '^1', newerDays: 30 } }],
    mostDeleted: 1_000,
    scheduled: true,
  });
  expect(parseRetention({ rules: [] }).rules).toEqual([]);
});

it.each<[string, Record<string, Json>, string, RegExp]>([
  ['no rules', {}, '/rules', /must be a list/],
  ['a misspelt key', { rules: [], mostDelete: 5 }, '/mostDelete', /Did you mean mostDeleted\?/],
  ['a misspelt key of a rule', { rules: [{ chart: ['*'], keep: { last: 1 } }] }, '/rules/0/chart', /charts/],
  ['a misspelt criterion', withKeep({ newerDay: 5 }), '/rules/0/keep/newerDay', /Did you mean newerDays\?/],
  ['no criterion', withKeep({}), '/rules/0/keep', /would keep nothing but the highest release/],
  ['a criterion of null', withKeep({ last: null }), '/rules/0/keep/last', /whole number from 1 to 10000/],
  ['none to keep', withKeep({ last: 0 }), '/rules/0/keep/last', /whole number/],
  ['a part of a day', withKeep({ pulledDays: 0.5 }), '/rules/0/keep/pulledDays', /whole number/],
  ['a range that is none', withKeep({ range: 'new' }), '/rules/0/keep/range', /a range of versions/],
  ['a text for globs', { rules: [{ charts: '*', keep: { last: 1 } }] }, '/rules/0/charts', /list of globs/],
  ['no glob', { rules: [{ charts: [], keep: { last: 1 } }] }, '/rules/0/charts', /1 to 20 globs/],
  ['no bound', { rules: [], mostDeleted: 0 }, '/mostDeleted', /from 1 to 1000000/],
  ['a word for a schedule', { rules: [], scheduled: 'daily' }, '/scheduled', /true or false/],
])('retention settings are refused for %s', (_, body, pointer, message) => {
  const parse = () => parseRetention(body);
  expect(parse).toThrow(message);
  try {
    parse();
  } catch (error) {
    expect(isRegistryError(error, 'retention.invalid') && error.details).toMatchObject({ pointer });
  }
});
