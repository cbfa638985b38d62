import { expect, it } from 'vitest';
import { describeKeep } from './describe-keep.ts';
import { readRetention } from './read-rules.ts';

function fieldsOf(values: Record<string, string>): FormData {
  const fields = new FormData();
  for (const [name, value] of Object.entries(values)) fields.set(name, value);
  return fields;
}

it('reads rules in their order, and leaves empty criteria out', () => {
  const fields = fieldsOf({
    'rules/0/charts': 'web, db-*',
    'rules/0/keep/last': '5',
    'rules/0/keep/range': ' >=2.0.0 <3 ',
    'rules/0/keep/newerDays': '',
    'rules/1/charts': '*',
    'rules/1/keep/pulledDays': '30',
    'rules/3/charts': 'behind a gap',
    mostDeleted: '10',
    scheduled: 'true',
  });
  expect(readRetention(fields)).toEqual({
    rules: [
      { charts: ['web', 'db-*'], keep: { range: '>=2.0.0 <3', last: 5 } },
      { charts: ['*'], keep: { pulledDays: 30 } },
    ],
    mostDeleted: 10,
    scheduled: true,
  });
  expect(readRetention(fieldsOf({ mostDeleted: '' }))).toEqual({ rules: [], scheduled: false });
});

it('says each criterion of a rule in words', () => {
  expect(describeKeep({ last: 5 })).toEqual(['the last 5 releases, and as many pre-releases']);
  expect(describeKeep({ last: 1, prereleaseDays: 7, pulledDays: 1, newerDays: 90, range: '^2' })).toEqual([
    'the last release, and the last pre-release',
    'versions in ^2',
    'pre-releases for 7 days',
    'versions for 1 day after their last download',
    'versions for 90 days after they were stored',
  ]);
});
