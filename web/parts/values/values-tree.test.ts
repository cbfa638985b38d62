import { describe, expect, it } from 'vitest';
import { parentsOf, searchValues } from './search-values.ts';
import { joinPointer, listRows, splitPointer, valueAt, writePath } from './values-tree.ts';

const values = {
  image: { tag: '1', 'pull.policy': 'Always' },
  hosts: [{ name: 'a' }],
  empty: {},
  'a/b~c': null,
};

describe('tree of values', () => {
  it('rows are those whose parents are open, with their places', () => {
    const rows = listRows(values, (pointer) => pointer === '/image');
    expect(rows.map(({ pointer, depth, children, open }) => [pointer, depth, children, open])).toEqual([
      ['/image', 1, 2, true],
      ['/image/tag', 2, undefined, false],
      ['/image/pull.policy', 2, undefined, false],
      ['/hosts', 1, 1, false],
      ['/empty', 1, 0, false],
      ['/a~1b~0c', 1, undefined, false],
    ]);
    expect(rows[3]).toMatchObject({ place: 2, among: 4 });
  });

  it('pointers and paths name keys of any text', () => {
    expect(splitPointer(joinPointer('/x', 'a/b~c'))).toEqual(['x', 'a/b~c']);
    expect(valueAt(values, '/hosts/0/name')).toBe('a');
    expect(valueAt(values, '/__proto__')).toBeUndefined();
    expect(writePath('/hosts/0/name', values)).toBe('hosts[0].name');
    expect(writePath('/image/pull.policy', values)).toBe('image."pull.policy"');
  });
});

describe('search in values', () => {
  const search = (text: string) => [...searchValues(values, text).matches];

  it('keys are found by path, by part of a path and by value', () => {
    expect(search('image.tag')).toEqual(['/image/tag']);
    expect(search('IMAGE')).toEqual(['/image']);
    expect(search('always')).toEqual(['/image/pull.policy']);
    expect(search('hosts name')).toEqual(['/hosts/0/name']);
    expect(search('  ')).toEqual([]);
    expect(search('nothing')).toEqual([]);
  });

  it('the keys above a match are known, so that they can be opened', () => {
    expect([...searchValues(values, 'name').parents]).toEqual(['/hosts', '/hosts/0']);
    expect(parentsOf('/a')).toEqual([]);
  });
});
