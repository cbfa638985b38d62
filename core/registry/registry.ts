import type { ChartLimits } from '../archive/limits.ts';
import type { BlobStore } from '../blobs/port.ts';
import type { ChartWork } from '../chart-work/chart-work.ts';
import type { Database } from '../db/port.ts';
import type { Locks } from '../locks/locks.ts';
import type { ConcurrencyLimiter } from '../runtime/concurrency.ts';

/** What the use cases on spaces, charts and versions work with. */
export interface RegistryDeps {
  db: Database;
  blobs: BlobStore;
  locks: Locks;
  limits: ChartLimits;
  /** Reads and rewrites charts, beside the event loop where they are not small. */
  charts: ChartWork;
  /** Lets few archives be read at a time: their subcharts may be archives too, which are then in memory. */
  inspecting: ConcurrencyLimiter;
  /** Lets few rewrites through at a time: each holds a whole chart in memory. */
  rewriting: ConcurrencyLimiter;
  /** Whether an upload into a space that does not exist creates it. */
  autoCreateSpaces: boolean;
  /** Of spaces that are made and do not say. */
  overwriting: Overwriting;
}

/**
 * What a space does about versions that are there: `immutable` keeps every one as it is, so it is not replaced, rewritten
 * or deleted, except with the space as a whole.
 */
export const overwritings = ['mutable', 'immutable'] as const;
export type Overwriting = (typeof overwritings)[number];

/** Names one version. */
export interface VersionRef {
  space: string;
  chart: string;
  version: string;
}

/** A page of a list, and how long the whole list is. */
export interface Page<T> {
  total: number;
  items: T[];
}

/** Which part of a list is wanted. */
export interface Paging {
  start: number;
  limit: number;
}
