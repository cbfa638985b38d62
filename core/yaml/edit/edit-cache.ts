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

/** What was made of one file before, by what was asked for; the least recently used first. */
export type EditCache = Map<string, Made>;

/** Recipes that differ in little ask for the same of most files. Each takes about as much memory as the file, twice. */
export const maxEntries = 8;

/** Bytes that a file may be longer than what it was made of, to be remembered. */
const maxAdded = 65_536;

export function getCached(memory: EditCache, key: string): Made | undefined {
  const known = memory.get(key);
  if (!known) return undefined;
  memory.delete(key);
  memory.set(key, known);
  return known;
}

export function putCached(memory: EditCache, key: string, made: Made, source: Buffer): void {
  if (made.file.length + key.length > source.length + maxAdded) return;
  memory.set(key, made);
  for (const oldest of memory.keys()) {
    if (memory.size <= maxEntries) break;
    memory.delete(oldest);
  }
}
