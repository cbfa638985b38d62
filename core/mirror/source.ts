import type { IndexValidators } from './fetch-index.ts';
import type { IndexEntry, UpstreamIndex } from './read-index.ts';
import type { KnownOutcome } from './record-outcomes.ts';
import type { RunCounts } from './run-end.ts';
import type { MirrorFault } from './settings.ts';

/** Facts by which a run decides what to do about each version. */
export interface RunFacts {
  /** Digests of the archives of the space, by `CHART VERSION`. */
  stored: ReadonlyMap<string, string>;
  /** Outcomes of earlier runs, by `CHART VERSION`. */
  known: ReadonlyMap<string, KnownOutcome>;
}

/** Versions of an upstream. */
export interface UpstreamListing {
  /** Undefined where they are as the last complete run has found them. */
  index: UpstreamIndex | undefined;
  validators: IndexValidators;
  /** Whether the versions of a chart were listed: those of others have not gone. */
  hasListed(chart: string): boolean;
  /** Tells why some charts were not listed. @returns undefined where all were */
  explainGaps(facts: RunFacts): MirrorFault | undefined;
}

/** Way to list and to copy the versions of one kind of upstream; all else about a run is the same for each. */
export interface MirrorSource {
  /** Lists the versions. @throws {UpstreamFault} */
  list(): Promise<UpstreamListing>;
  /** Records what needs no request. @returns the versions to copy */
  sortOut(chosen: readonly IndexEntry[], facts: RunFacts, counts: RunCounts): Promise<readonly IndexEntry[]>;
  /**
   * Copies a version, and records its outcome in the transaction that stores it.
   * @returns how it counts
   * @throws {UpstreamFault}, {RegistryError}
   */
  copy(entry: IndexEntry, facts: RunFacts): Promise<keyof RunCounts>;
  /** Deletes what is here only for a version that was pruned. */
  forget(version: { chart: string; version: string }, known: KnownOutcome | undefined): Promise<void>;
}
