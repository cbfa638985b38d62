import { LRUCache } from 'lru-cache';
import type { Edit } from '../../archive/splices.ts';
import type { YamlBudget } from '../yaml-source.ts';

/** File made from a source's file, with what the editor recorded of it. */
export interface CachedEdit {
  file: Buffer;
  edit: Edit | undefined;
  cost: YamlBudget | undefined;
  /** Reason for which the comments of the source's file are lost; undefined where they are kept. */
  lost: string | undefined;
}

/** Cached edits of one file by key. Most files are never edited and have no entries. */
export interface EditCache {
  entries: LRUCache<string, CachedEdit> | undefined;
}

/**
 * Largest number of cached edits of one file. Recipes that differ in little share most of them.
 * An entry takes about twice the file's size in memory.
 */
export const maxEntries = 8;

/** Bytes, key included, by which a cached file may be longer than its source. */
const maxAddedBytes = 65_536;

/** Returns a cached edit and marks it as the most recently used. */
export function getCached(cache: EditCache, key: string): CachedEdit | undefined {
  return cache.entries?.get(key);
}

/** Caches an edit, unless it is much longer than its source. A full cache drops the least recently used one. */
export function putCached(cache: EditCache, key: string, entry: CachedEdit, source: Buffer): void {
  if (entry.file.length + key.length > source.length + maxAddedBytes) return;
  cache.entries ??= new LRUCache({ max: maxEntries });
  cache.entries.set(key, entry);
}
