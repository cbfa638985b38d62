import { LRUCache } from 'lru-cache';
import type { Edit } from '../../archive/splices.ts';
import type { YamlBudget } from '../parse/construct.ts';

/** A file that was made of a source's, and what is known of it. */
export interface Made {
  file: Buffer;
  edit: Edit | undefined;
  cost: YamlBudget | undefined;
  /** Why the comments of the source's file are lost. */
  lost: string | undefined;
}

/** Files that were made of one file before, by the key of each edit. Most files are never edited and have no entries. */
export interface EditCache {
  entries: LRUCache<string, Made> | undefined;
}

/** Entries of a cache: recipes that differ in little edit most files alike. Each takes twice the bytes of its file. */
export const maxEntries = 8;

/** Bytes that a result may be longer than its source, to be kept. */
const maxAdded = 65_536;

/** Returns what the same edit made before. */
export function getCached(cache: EditCache, key: string): Made | undefined {
  return cache.entries?.get(key);
}

/** Keeps the result of an edit, unless it is much longer than its source. */
export function putCached(cache: EditCache, key: string, made: Made, source: Buffer): void {
  if (made.file.length + key.length > source.length + maxAdded) return;
  cache.entries ??= new LRUCache({ max: maxEntries });
  cache.entries.set(key, made);
}
