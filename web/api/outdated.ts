import { createQuery } from './query.ts';
import { type QueryParameters, request, withQuery } from './request.ts';
import type { ComposedStateName } from './shapes.ts';

/** Steps from a version to a higher one. */
export const steps = ['patch', 'minor', 'major'] as const;

export type Step = (typeof steps)[number];

/** Source of a composed version, and what it is now. A masked one has its pointer alone to tell. */
export interface SourceState {
  pointer: string;
  space: string;
  chart: string;
  requested: string;
  version: string;
  stored?: 'unchanged' | 'replaced' | 'gone';
  now?: { version: string; deprecated: boolean } | null;
  outdated?: boolean;
  newer?: Partial<Record<Step, { version: string; deprecated: boolean }>>;
}

/** Composed version, and whether it is up to date. */
export interface ComposedState {
  space: string;
  chart: string;
  version: string;
  state: ComposedStateName;
  outdated: boolean;
  newer: Step | 'none';
  hidden: number;
  sources: readonly SourceState[];
}

/** Page of composed versions; `cursor` leads to the next one. */
export interface ComposedPage {
  items: readonly ComposedState[];
  cursor: string | undefined;
}

/** Composed versions and their states, of one space or all. */
export const outdatedQuery = createQuery(
  async ({ space, ...query }: QueryParameters, signal): Promise<ComposedPage> => {
    const path =
      space === undefined || space === ''
        ? '/outdated'
        : `/spaces/${encodeURIComponent(String(space))}/outdated`;
    let cursor: string | undefined;
    const { items } = await request<{ items: readonly ComposedState[] }>(
      withQuery(path, query),
      { signal },
      ({ headers }) => {
        const [, next] = /<([^>]*)>; *rel="next"/.exec(headers.get('link') ?? '') ?? [];
        cursor =
          next === undefined
            ? undefined
            : (new URL(next, location.origin).searchParams.get('cursor') ?? undefined);
      },
    );
    return { items, cursor };
  },
);
