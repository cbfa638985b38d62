import { describe, expect, it } from 'vitest';
import { createByteCache } from './byte-cache.ts';

/** Bytes of an entry with a key of one character, beside its value. */
const perEntry = 258;

describe('a byte cache', () => {
  it('drops the entry that was used least recently first', () => {
    const cache = createByteCache<object>(3 * (perEntry + 100));
    for (const key of ['a', 'b', 'c']) cache.set(key, { key }, 100);
    cache.get('a');
    cache.set('d', { key: 'd' }, 100);
    expect(['a', 'b', 'c', 'd'].filter((key) => cache.get(key))).toEqual(['a', 'c', 'd']);
    expect(cache.size()).toBe(3 * (perEntry + 100));
  });

  it('counts a value that has grown when it is set again', () => {
    const cache = createByteCache<object>(10_000);
    const value = {};
    cache.set('a', value, 0);
    cache.set('a', value, 5_000);
    expect(cache.size()).toBe(perEntry + 5_000);
    cache.set('b', {}, 5_000);
    expect(cache.get('a')).toBeUndefined();
    expect(cache.size()).toBe(perEntry + 5_000);
  });

  it('keeps no value that is larger than all of it, and drops what had the key', () => {
    const cache = createByteCache<object>(1_000);
    cache.set('a', {}, 10);
    cache.set('a', {}, 1_000);
    expect(cache.get('a')).toBeUndefined();
    expect(cache.size()).toBe(0);
  });

  it.each([0, 1, 0.5])('a byte cache keeps nothing within %d bytes', (maxBytes) => {
    const cache = createByteCache<object>(maxBytes);
    cache.set('a', {}, 0);
    expect(cache.get('a')).toBeUndefined();
  });

  it('frees the bytes of an entry that is deleted', () => {
    const cache = createByteCache<object>(1_000);
    cache.set('a', {}, 10);
    cache.delete('a');
    cache.delete('a');
    expect(cache.size()).toBe(0);
  });
});
