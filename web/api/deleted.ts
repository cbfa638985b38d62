import type { PageRange } from './lists.ts';
import { createQuery } from './query.ts';
import { registry } from './registry.ts';

/** Deleted versions of a space that can be restored, those deleted last first. */
export const deletedVersionsQuery = createQuery(
  ({ space, chart, page }: { space: string; chart: string | undefined; page: PageRange }, signal) =>
    registry
      .space(space)
      .deleted(chart === undefined ? {} : { chart })
      .page({ ...page, signal }),
);
