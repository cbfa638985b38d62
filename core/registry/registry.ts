import type { Actor } from '../access/actor.ts';
import type { ReadScope } from '../access/decide.ts';
import type { ChartLimits } from '../archive/limits.ts';
import type { BlobStore } from '../blobs/port.ts';
import type { ChartWork } from '../chart-work/chart-work.ts';
import type { Database } from '../db/port.ts';
import type { Locks } from '../locks/locks.ts';
import type { ConcurrencyLimiter } from '../runtime/concurrency.ts';
import type { ContentsCache } from './contents-cache.ts';

/** Dependencies of the use cases on spaces, charts and versions. */
export interface RegistryDeps {
  db: Database;
  blobs: BlobStore;
  locks: Locks;
  limits: ChartLimits;
  /** Reads and rewrites charts, in threads where they are not small. */
  charts: ChartWork;
  /** Opened archives in memory. */
  contents: ContentsCache;
  /** Limits simultaneous rewrites: each has a whole chart in memory. */
  rewriting: ConcurrencyLimiter;
  /** Whether an upload into a space that does not exist creates it. */
  autoCreateSpaces: boolean;
  /** Policy of new spaces that are created without one. */
  overwriting: Overwriting;
  /** Bounds of the spaces whose names an error may suggest to anybody: all, or where access is guarded the public ones. */
  suggestible: ReadScope;
  /** Actor: the sender of a request, or the registry itself. */
  actor: Actor;
}

/**
 * Policies of a space on overwriting. In an `immutable` space, versions are not replaced, rewritten or deleted, except
 * with the space as a whole.
 */
export const overwritingPolicies = ['mutable', 'immutable'] as const;

/** Policy of a space on overwriting its versions. */
export type Overwriting = (typeof overwritingPolicies)[number];

/** The names that identify a version. */
export interface VersionRef {
  space: string;
  chart: string;
  version: string;
}

/** A page of a list, and the length of the whole list. */
export interface Page<T> {
  total: number;
  items: T[];
}

/** The part of a list that a request wants. */
export interface Paging {
  start: number;
  limit: number;
}
