import type { ListPlace } from './lists.ts';
import { createQuery } from './query.ts';
import { registry } from './registry.ts';

/** Members of a space by kind and name. */
export const membersQuery = createQuery(({ space, place }: { space: string; place: ListPlace }, signal) =>
  registry
    .space(space)
    .members.list()
    .page({ ...place, signal }),
);
