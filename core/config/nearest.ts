import { countEdits } from '../runtime/count-edits.ts';

/**
 * Finds the known name that a misspelt one was probably meant to be.
 * @param most edits (a letter added, left out, exchanged, or swapped with its neighbour) that count as a slip
 * @returns undefined where none is that near, or two are equally near
 */
export function findNearest(name: string, known: Iterable<string>, most: number): string | undefined {
  let best: string | undefined;
  let fewest = most + 1;
  let tied = false;
  for (const candidate of known) {
    if (Math.abs(candidate.length - name.length) > most) continue;
    const edits = countEdits(name, candidate);
    if (edits > fewest) continue;
    tied = edits === fewest && best !== undefined;
    if (edits < fewest) best = candidate;
    fewest = Math.min(fewest, edits);
  }
  return tied || fewest > most ? undefined : best;
}
