import type { ResolvedSource } from './composition.ts';
import type { ChartLink, ComposedStateName } from './versions.ts';

/** Step from a version to a higher one. */
export type Step = 'patch' | 'minor' | 'major';

/** Higher version, and whether its Chart.yaml says `deprecated`. */
export interface NewerVersion {
  version: string;
  deprecated: boolean;
}

/** Source of a composed version as it is now. Nothing but its names for a masked source. */
export interface SourceState extends ResolvedSource {
  /** Fate of the version that it was resolved to. */
  stored?: 'unchanged' | 'replaced' | 'gone';
  /** Version that it would be resolved to now; null where there is none. */
  now?: { version: string; digest: string; deprecated: boolean } | null;
  outdated?: boolean;
  /** Highest releases that the recipe does not allow, by step. */
  newer?: Partial<Record<Step, NewerVersion>>;
  /** Pre-releases, where they are higher than every release of their step. */
  prereleases?: Partial<Record<Step, NewerVersion>>;
}

/** Composed version, and whether it is up to date. */
export interface ComposedState extends ChartLink {
  state: ComposedStateName;
  outdated: boolean;
  /** Greatest step to a release that the recipe does not allow. */
  newer: 'none' | Step;
  /** Number of sources that the reader may not read. */
  hidden: number;
  sources: SourceState[];
}

/** Filter of a list of composed versions. */
export interface OutdatedFilter {
  /** The only space; all that the caller may read if absent. */
  space?: string;
  state?: ComposedStateName;
  /** Whether all composed versions are listed, or the highest of each chart. */
  versions?: 'highest' | 'all';
}
