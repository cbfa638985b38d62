import { describe, expect, it } from 'vitest';
import { type CachedEdit, type EditCache, getCached, maxEntries, putCached } from './edit-cache.ts';

function makeFile(length: number): CachedEdit {
  return { file: Buffer.alloc(length), edit: undefined, cost: undefined, lost: undefined };
}

describe('an edit cache', () => {
  it('drops the edit that was used least recently first', () => {
    const cache: EditCache = { entries: undefined };
    const source = Buffer.alloc(10);
    const keys = Array.from({ length: maxEntries }, (_, index) => `edit ${index}`);
    for (const key of keys) putCached(cache, key, makeFile(10), source);
    getCached(cache, 'edit 0');
    putCached(cache, 'new', makeFile(10), source);
    const kept = [...keys, 'new'].filter((key) => getCached(cache, key));
    expect(kept).toEqual(['edit 0', ...keys.slice(2), 'new']);
  });

  it('keeps no result that is much longer than its source', () => {
    const cache: EditCache = { entries: undefined };
    putCached(cache, 'long', makeFile(70_000), Buffer.alloc(10));
    expect(getCached(cache, 'long')).toBeUndefined();
    putCached(cache, 'long', makeFile(70_000), Buffer.alloc(10_000));
    expect(getCached(cache, 'long')).toBeDefined();
  });
});
