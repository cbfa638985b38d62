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
    const distance = typingDistance(wanted, compared);
    if (distance <= allowed && (!best || distance < best.distance)) best = { name: candidate, distance };
  }
  return best?.name;
}

/** Characters of a name that is compared; a longer one is no typing error of ours. */
const maxCompared = 64;

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[-_. ]/g, '');
}

/** Counts the typing errors between two words. */
function typingDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > maxCompared) return Number.POSITIVE_INFINITY;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      const steps = [
        at(current, column - 1) + 1,
        at(last, column) + 1,
        at(last, column - 1) + (same ? 0 : 1),
        ...(swapped ? [at(beforeLast, column - 2) + 1] : []),
      ];
      current.push(Math.min(...steps));
    }
    beforeLast = last;
    last = current;
  }
  return at(last, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}

/** Says which known name was perhaps meant, as the end of a message; lists all where none is near. */
export function suggestName(name: string, known: readonly string[]): string {
  const nearest = findNearestName(name, known);
  if (nearest !== undefined) return `Did you mean ${nearest}?`;
  return known.length === 0 ? 'None is known here.' : `Known here: ${known.join(', ')}.`;
}
