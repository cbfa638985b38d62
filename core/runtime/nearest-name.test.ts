import { describe, expect, it } from 'vitest';
import { findNearestName, suggestName } from './nearest-name.ts';

describe('findNearestName', () => {
  it.each([
    ['dryrun', ['start', 'dryRun'], 'dryRun'],
    ['dry-run', ['start', 'dryRun'], 'dryRun'],
    ['limt', ['start', 'limit'], 'limit'],
    ['lmiit', ['start', 'limit'], 'limit'],
    ['callbck', ['save', 'configs', 'callback'], 'callback'],
    ['REDIS_URI', ['DATABASE_URL', 'REDIS_URL'], 'REDIS_URL'],
    ['url', ['url', 'urls'], 'url'],
  ])('takes %s for a known name of %j', (name, known, nearest) => {
    expect(findNearestName(name, known)).toBe(nearest);
  });

  it.each([['page'], ['x'], [''], ['l'.repeat(10_000)]])(
    'findNearestName finds nothing near %.20s',
    (name) => {
      expect(findNearestName(name, ['start', 'limit'])).toBeUndefined();
    },
  );
});

describe('suggestName', () => {
  it('suggests the nearest name, or all where none is near', () => {
    expect(suggestName('strat', ['start', 'limit'])).toBe('Did you mean start?');
    expect(suggestName('page', ['start', 'limit'])).toBe('Known here: start, limit.');
    expect(suggestName('page', [])).toBe('None is known here.');
  });
});
