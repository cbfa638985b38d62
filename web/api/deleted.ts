import type { ListPlace } from './lists.ts';
import { createQuery } from './query.ts';
import { registry } from './registry.ts';

/** Deleted versions of a space that can be had back, those deleted last first. */
export const deletedVersionsQuery = createQuery(
  ({ space, chart, place }: { space: string; chart: string | undefined; place: ListPlace }, signal) =>
    registry
      .space(space)
      .deleted(chart === undefined ? {} : { chart })
      .page({ ...place, signal }),
);
