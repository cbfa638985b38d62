import type { Queryable } from '../db/port.ts';
import type { ResolvedSource } from '../recipe/sources.ts';
import { maskSources, type NamedChart } from '../registry/mask-sources.ts';
import type { VersionRef } from '../registry/registry.ts';
import { findSourceStates, type SourceState, type StateSummary, summarize } from './source-state.ts';

/** Composed version with its sources, as they were. */
export interface ComposedVersion extends VersionRef {
  sources: readonly ResolvedSource[];
}

/** Source of a composed version, and its state. A source that the reader may not read is masked and has no state. */
export type SourceView = ResolvedSource & Partial<SourceState>;

/** Whether a composed version is up to date, as far as the reader may read its sources. */
export interface ComposedView extends VersionRef, StateSummary {
  /** Number of sources that the reader may not read; nothing here depends on them. */
  hidden: number;
  sources: SourceView[];
}

/**
 * Shows the states of composed versions, as they are now. Nothing is looked up of hidden sources.
 * @param isHidden tells whether the reader may not read a source
 */
export async function viewComposed(
  db: Queryable,
  composed: readonly ComposedVersion[],
  isHidden: (source: NamedChart) => boolean,
): Promise<ComposedView[]> {
  const readable = composed.map(({ sources }) => sources.filter((source) => !isHidden(source)));
  const states = await findSourceStates(db, readable);
  return composed.map(({ space, chart, version, sources }, index) => {
    const own = states[index] ?? [];
    const stateOf = new Map(readable[index]?.map((source, position) => [source, own[position]]));
    return {
      space,
      chart,
      version,
      ...summarize(own),
      hidden: sources.length - own.length,
      sources: sources.map((source) => {
        const [shown = source] = maskSources([source], isHidden);
        return { ...shown, ...stateOf.get(source) };
      }),
    };
  });
}
