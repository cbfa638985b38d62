import type { Queryable } from '../db/port.ts';
import type { ResolvedSource } from '../recipe/sources.ts';
import { versionNameOf } from '../registry/names.ts';
import { findNewer, type NewerVersions, type Step, steps } from './newer-versions.ts';
import { resolveNow } from './resolve-now.ts';
import { type StoredVersionNow, selectStoredVersions } from './stored-now.ts';

/** State of a source of a composed version. */
export interface SourceState {
  /** Whether the version that the source was resolved to is as it was, has other bytes, or is gone. */
  stored: 'unchanged' | 'replaced' | 'gone';
  /** Version that the source would be resolved to now; null where there is none. */
  now: StoredVersionNow | null;
  /** Whether `now` is another version, has other bytes, or is null. */
  outdated: boolean;
  /** Releases above that version, which the recipe does not allow. */
  newer: NewerVersions;
  /** Pre-releases above that version and above the releases of their step. */
  prereleases: NewerVersions;
}

/** Greatest step to a release that is not deprecated; `none` where there is none. */
export type NewerStep = 'none' | Step;

/** States of a composed version, each taken before the next. */
export const composedStates = ['outdated', 'newer', 'current'] as const;

/** State of a composed version: its recipe resolves to something else, there are newer versions, or neither. */
export type ComposedState = (typeof composedStates)[number];

/** State of a composed version, in short. */
export interface StateSummary {
  state: ComposedState;
  outdated: boolean;
  newer: NewerStep;
}

/**
 * Looks up the states of the sources of composed versions, as they are now. A few queries serve all of them.
 * @param composed sources of each composed version
 * @returns states in the same order
 */
export async function findSourceStates(
  db: Queryable,
  composed: readonly (readonly ResolvedSource[])[],
): Promise<SourceState[][]> {
  const sources = composed.flat();
  const [resolved, stored] = await Promise.all([resolveNow(db, sources), selectStoredVersions(db, sources)]);
  const bases = sources.map((source, index) => ({ ...source, ...resolved[index] }));
  const newerThan = await findNewer(db, bases);
  const states = sources.map((source, index): SourceState => {
    const now = resolved[index];
    const before = stored.get(versionNameOf(source));
    const { releases, prereleases } = newerThan(bases[index] ?? source);
    return {
      stored: !before ? 'gone' : before.digest === source.digest ? 'unchanged' : 'replaced',
      now: now ?? null,
      outdated: now?.version !== source.version || now.digest !== source.digest,
      newer: releases,
      prereleases,
    };
  });
  let end = 0;
  return composed.map(({ length }) => {
    end += length;
    return states.slice(end - length, end);
  });
}

/** Finds the greatest step that leads to a release that is not deprecated. */
export function newerStep({ newer }: Pick<SourceState, 'newer'>): NewerStep {
  return steps.findLast((step) => newer[step]?.deprecated === false) ?? 'none';
}

/** Sums up the states of the sources of a composed version. */
export function summarize(states: readonly Pick<SourceState, 'outdated' | 'newer'>[]): StateSummary {
  const outdated = states.some((state) => state.outdated);
  const found = states.map(newerStep);
  const newer = steps.findLast((step) => found.includes(step)) ?? 'none';
  return { state: outdated ? 'outdated' : newer === 'none' ? 'current' : 'newer', outdated, newer };
}
