import type { FollowFilter, OutdatedFilter } from '@helm-registry/client';
import { createQuery } from './query.ts';
import { registry } from './registry.ts';

/** Composed versions and their states, of one space or all. */
export const outdatedQuery = createQuery(
  ({ filter, cursor, limit }: { filter: OutdatedFilter; cursor?: string; limit: number }, signal) =>
    registry.outdated(filter).page({ limit, signal, ...(cursor === undefined ? {} : { cursor }) }),
);

/** Follows of one space or all, those that have failed first. */
export const followsQuery = createQuery(
  ({ filter, cursor, limit }: { filter: FollowFilter; cursor?: string; limit: number }, signal) =>
    registry.follows(filter).page({ limit, signal, ...(cursor === undefined ? {} : { cursor }) }),
);

/** Follow of a chart, with its latest runs. */
export const followQuery = createQuery(async ({ space, chart }: { space: string; chart: string }, signal) => {
  const { follow } = registry.space(space).chart(chart);
  const [settings, runs] = await Promise.all([
    follow.get({ signal }),
    follow.runs().page({ limit: 10, signal }),
  ]);
  return { ...settings, runs: runs.items };
});
