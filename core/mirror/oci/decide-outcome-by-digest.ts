import type { KnownOutcome } from '../record-outcomes.ts';

/**
 * Decides the outcome of a version by the digest that its tag has.
 * @returns undefined where the manifest has to be fetched
 */
export function decideOutcomeByDigest(
  digest: string | undefined,
  { here, known }: { here: string | undefined; known: KnownOutcome | undefined },
  overwrite: boolean,
): 'skipped' | 'unchanged' | 'changed' | undefined {
  if (digest === undefined || !known) return undefined;
  const { outcome, manifest, upstream } = known;
  if (outcome === 'skipped') return manifest === digest ? 'skipped' : undefined;
  if (here === undefined) return undefined;
  // A failed version is in doubt: all of it is compared.
  if (manifest === digest) return outcome === 'failed' ? undefined : 'unchanged';
  if (overwrite) return undefined;
  // The first manifest stays; one that was here before the mirror is compared by its archive at first.
  const isReported = outcome === 'changed' && upstream === digest;
  return manifest !== null || isReported ? 'changed' : undefined;
}
