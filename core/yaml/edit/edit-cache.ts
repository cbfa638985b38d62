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
export type EditMemory = Map<string, Made>;

/** Recipes that differ in little ask for the same of most files. Each takes about as much memory as the file, twice. */
export const mostRemembered = 8;

/** Bytes that a file may be longer than what it was made of, to be remembered. */
const mostAdded = 65_536;

export function recallMade(memory: EditMemory, wish: string): Made | undefined {
  const known = memory.get(wish);
  if (!known) return undefined;
  memory.delete(wish);
  memory.set(wish, known);
  return known;
}

export function rememberMade(memory: EditMemory, wish: string, made: Made, source: Buffer): void {
  if (made.file.length + wish.length > source.length + mostAdded) return;
  memory.set(wish, made);
  for (const oldest of memory.keys()) {
    if (memory.size <= mostRemembered) break;
    memory.delete(oldest);
  }
}
