import { countEdits } from './count-edits.ts';

/** Longest name in characters that is compared; a longer one is not a typing error. */
const maxComparedCharacters = 64;

/**
 * Finds the known name nearest to a misspelt one, without regard to case and separators. One typing error in every three
 * letters is allowed (insertion, deletion, substitution, or two letters swapped: the restricted Damerau-Levenshtein
 * distance). The first of equally near names wins.
 * @returns undefined where no known name is near
 */
export function findNearestName(name: string, known: Iterable<string>): string | undefined {
  const wanted = withoutSeparators(name);
  if (wanted === '' || wanted.length > maxComparedCharacters) return undefined;
  return findNearest(wanted, known, withoutSeparators, (length) => Math.max(1, Math.floor(length / 3)))?.name;
}

/**
 * Finds the known key nearest to a misspelt one, letter by letter.
 * @param maxEdits letters inserted, deleted, substituted or swapped that count as a typing error
 * @returns undefined where no known key is that near, or two are equally near
 */
export function findNearestKey(key: string, known: Iterable<string>, maxEdits: number): string | undefined {
  const nearest = findNearest(
    key,
    known,
    (candidate) => candidate,
    () => maxEdits,
  );
  return nearest?.isTied ? undefined : nearest?.name;
}

/**
 * Suggests the known name nearest to a misspelt one, as the end of a message. All known names are listed where none
 * is near.
 */
export function suggestName(name: string, known: readonly string[]): string {
  const nearest = findNearestName(name, known);
  if (nearest !== undefined) return `Did you mean ${nearest}?`;
  return known.length === 0 ? 'None is known here.' : `Known here: ${known.join(', ')}.`;
}

/** @param maxEdits allowed edits, by the length of the longer one of two names */
function findNearest(
  wanted: string,
  known: Iterable<string>,
  normalize: (name: string) => string,
  maxEdits: (length: number) => number,
): { name: string; edits: number; isTied: boolean } | undefined {
  let best: { name: string; edits: number; isTied: boolean } | undefined;
  for (const name of known) {
    const candidate = normalize(name);
    const allowed = maxEdits(Math.max(wanted.length, candidate.length));
    if (Math.abs(wanted.length - candidate.length) > allowed) continue;
    const edits = countEdits(wanted, candidate);
    if (edits > allowed || (best && edits > best.edits)) continue;
    if (best?.edits === edits) best.isTied = true;
    else best = { name, edits, isTied: false };
  }
  return best;
}

function withoutSeparators(name: string): string {
  return name.toLowerCase().replaceAll(/[-_. ]/g, '');
}
