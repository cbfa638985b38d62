import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseVersion, sortKey } from '../semver/version.ts';
import { createListing, type Listing } from './listing.ts';

const listed = (version: string, entry = version) => {
  const parsed = parseVersion(version);
  if (!parsed) throw new Error(`${version} is no version`);
  return { version, sortKey: sortKey(parsed), entry: Buffer.from(entry) };
};
const entriesOf = (listing: Listing) =>
  [...listing.charts()].map(([name, entries]) => [
    name,
    entries.map((entry) => Buffer.from(entry).toString()),
  ]);

describe('listings', () => {
  it('a listing has charts by name and versions newest first', () => {
    const listing = createListing();
    for (const version of ['1.0.0', '2.0.0-rc.1', '10.0.0', '2.0.0', '2.0.0+b'])
      listing.put('web', listed(version));
    listing.put('db', listed('1.0.0'));
    expect(entriesOf(listing)).toEqual([
      ['db', ['1.0.0']],
      ['web', ['10.0.0', '2.0.0+b', '2.0.0', '2.0.0-rc.1', '1.0.0']],
    ]);
  });

  it('a listing after any puts and removals equals a fresh one of the remaining versions', () => {
    const version = fc.constantFrom('1.0.0', '1.0.0+a', '1.0.0-rc', '2.0.0', '10.0.0');
    const chart = fc.constantFrom('a', 'b');
    const step = fc.oneof(
      fc.record({ chart, put: version, entry: fc.string() }),
      fc.record({ chart, remove: version }),
      fc.record({ chart }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const [listing, expected] = [createListing(), new Map<string, Map<string, string>>()];
        for (const change of steps) {
          const versions = expected.get(change.chart) ?? new Map<string, string>();
          if ('put' in change) {
            listing.put(change.chart, listed(change.put, change.entry));
            versions.set(change.put, change.entry);
          } else if ('remove' in change) {
            listing.remove(change.chart, change.remove);
            versions.delete(change.remove);
          } else {
            listing.removeChart(change.chart);
            versions.clear();
          }
          if (versions.size === 0) expected.delete(change.chart);
          else expected.set(change.chart, versions);
        }
        const fresh = createListing();
        for (const [name, versions] of expected)
          for (const [number, entry] of versions) fresh.put(name, listed(number, entry));
        expect(entriesOf(listing)).toEqual(entriesOf(fresh));
        expect(listing.size).toBe(fresh.size);
        expect(new Map([...listing.charts()].map(([name, entries]) => [name, entries.length]))).toEqual(
          new Map([...expected].map(([name, versions]) => [name, versions.size])),
        );
      }),
    );
  });
});
