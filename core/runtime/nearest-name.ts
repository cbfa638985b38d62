import { countEdits } from './count-edits.ts';

/**
 * Finds the known name that a misspelt one was most likely meant to be.
 *
 * Compares without regard to case and separators; allows one typing error in every three letters (insertion, deletion,
 * substitution, or two letters swapped: the restricted Damerau-Levenshtein distance).
 * @returns undefined where no known name is near
 */
export function findNearestName(name: string, known: Iterable<string>): string | undefined {
  const wanted = plain(name);
  if (wanted === '' || wanted.length > maxCompared) return undefined;
  let best: { name: string; distance: number } | undefined;
  for (const candidate of known) {
    const compared = plain(candidate);
    const allowed = Math.max(1, Math.floor(Math.max(wanted.length, compared.length) / 3));
    if (Math.abs(wanted.length - compared.length) > allowed) continue;
    const distance = countEdits(wanted, compared);
    if (distance <= allowed && (!best || distance < best.distance)) best = { name: candidate, distance };
  }
  return best?.name;
}

/** Characters of a name that is compared; a longer one is no typing error of ours. */
const maxCompared = 64;

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[-_. ]/g, '');
}

/** Says which known name was perhaps meant, as the end of a message; lists all where none is near. */
export function suggestName(name: string, known: readonly string[]): string {
  const nearest = findNearestName(name, known);
  if (nearest !== undefined) return `Did you mean ${nearest}?`;
  return known.length === 0 ? 'None is known here.' : `Known here: ${known.join(', ')}.`;
}
