import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseVersion, sortKey } from '../semver/version.ts';
import { createListing, type Listing } from './listing.ts';

const listed = (chart: string, version: string, entry = version) => {
  const parsed = parseVersion(version);
  if (!parsed) throw new Error(`${version} is not a version`);
  return { chart, version, sortKey: sortKey(parsed), entry: JSON.stringify(entry) };
};
/** Reads what a listing writes as JSON: charts in their order, each with its entries. */
const entriesOf = (listing: Listing) =>
  z
    .array(z.tuple([z.string(), z.array(z.string())]))
    .parse(Object.entries(JSON.parse(`{${Buffer.concat(listing.write('json'))}}`)));
const yamlOf = (listing: Listing) => Buffer.concat(listing.write('yaml')).toString();

describe('listings', () => {
  it('a listing has charts by name and versions newest first', () => {
    const listing = createListing();
    for (const version of ['1.0.0', '2.0.0-rc.1', '10.0.0', '2.0.0', '2.0.0+b'])
      listing.put(listed('web', version));
    listing.put(listed('db', '1.0.0'));
    expect(entriesOf(listing)).toEqual([
      ['db', ['1.0.0']],
      ['web', ['10.0.0', '2.0.0+b', '2.0.0', '2.0.0-rc.1', '1.0.0']],
    ]);
  });

  it('a listing after any puts and removals equals a fresh one of the remaining versions', () => {
    const version = fc.constantFrom('1.0.0', '1.0.0+a', '1.0.0-rc', '2.0.0', '10.0.0');
    const chart = fc.constantFrom('a', 'b');
    // Lengths at which a few entries fill a segment, which is then split.
    const entry = fc.oneof(
      fc.string(),
      fc.constantFrom(1_000, 100_000, 300_000).map((length) => 'x'.repeat(length)),
    );
    const step = fc.oneof(
      fc.record({ chart, put: version, entry }),
      fc.record({ chart, remove: version }),
      fc.record({ chart }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const [listing, expected] = [createListing(), new Map<string, Map<string, string>>()];
        for (const change of steps) {
          const versions = expected.get(change.chart) ?? new Map<string, string>();
          if ('put' in change) {
            listing.put(listed(change.chart, change.put, change.entry));
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
          for (const [number, entry] of versions) fresh.put(listed(name, number, entry));
        expect(entriesOf(listing)).toEqual(entriesOf(fresh));
        expect(yamlOf(listing)).toBe(yamlOf(fresh));
      }),
    );
  });

  it('a change writes one segment anew, and the document before it stays as it was', () => {
    const listing = createListing();
    for (let n = 0; n < 2_000; n += 1) listing.put(listed(`chart-${10_000 + n}`, '1.0.0', 'x'.repeat(1_000)));
    const before = listing.write('json');
    const text = Buffer.concat(before).toString();
    listing.put(listed('chart-10700', '2.0.0'));
    const after = listing.write('json');
    const fresh = after.filter((piece) => piece.length > 1_000 && !before.includes(piece));
    expect(after.length).toBeGreaterThan(10);
    expect(fresh).toHaveLength(1);
    expect(Buffer.concat(before).toString()).toBe(text);
    expect(entriesOf(listing)[700]).toEqual(['chart-10700', ['2.0.0', 'x'.repeat(1_000)]]);
  });

  it('a listing holds each entry once, whichever way it was filled', () => {
    const listing = createListing();
    for (let n = 0; n < 2_000; n += 1) listing.put(listed(`chart-${n}`, '1.0.0', 'x'.repeat(1_000)));
    listing.write('json');
    expect(listing.size()).toBeLessThan(2_000 * 1_300);
  });
});
