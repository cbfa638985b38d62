import { entriesOf, joinPointer, splitPointer } from './values-tree.ts';

/** Result of a search: the keys that match, and the keys above them. */
export interface FoundKeys {
  matches: ReadonlySet<string>;
  parents: ReadonlySet<string>;
}

/**
 * Searches keys by their path or their value. Dots and slashes part a path; all words of the text must be found.
 * Capitals do not matter.
 */
export function searchValues(values: unknown, text: string): FoundKeys {
  const words = text.toLowerCase().replaceAll('/', '.').split(/\s+/).filter(Boolean);
  const matches = new Set<string>();
  const parents = new Set<string>();
  const visit = (value: unknown, pointer: string, path: string) => {
    for (const [name, child] of entriesOf(value)) {
      const own = joinPointer(pointer, name);
      const ownPath = path === '' ? name : `${path}.${name}`;
      if (isMatch(words, ownPath, name, child)) {
        matches.add(own);
        for (const parent of parentsOf(own)) parents.add(parent);
      }
      if (typeof child === 'object' && child !== null) visit(child, own, ownPath);
    }
  };
  if (words.length > 0) visit(values, '', '');
  return { matches, parents };
}

/** Lists the pointers above a pointer, the root left out. */
export function parentsOf(pointer: string): string[] {
  const parts = splitPointer(pointer).slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).reduce(joinPointer, ''));
}

// A key below a match does not match by its parents' names alone: the last word must be its own.
function isMatch(words: readonly string[], path: string, name: string, value: unknown): boolean {
  const whole = path.toLowerCase();
  const text = typeof value === 'object' ? '' : String(value).toLowerCase();
  if (!words.every((word) => whole.includes(word) || text.includes(word))) return false;
  const own = name.toLowerCase();
  return words.some((word) => text.includes(word) || own.includes(word.slice(word.lastIndexOf('.') + 1)));
}
