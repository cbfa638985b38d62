import type { ListPlace } from './lists.ts';
import { createQuery } from './query.ts';
import { registry } from './registry.ts';

/** Users by name. */
export const usersQuery = createQuery((place: ListPlace, signal) =>
  registry.users.list().page({ ...place, signal }),
);

/** Groups by name. */
export const groupsQuery = createQuery((place: ListPlace, signal) =>
  registry.groups.list().page({ ...place, signal }),
);

/** Group by its name. */
export const groupQuery = createQuery((name: string, signal) => registry.groups.get(name, { signal }));

/** Members of a group by name. */
export const groupMembersQuery = createQuery(
  ({ group, place }: { group: string; place: ListPlace }, signal) =>
    registry.groups.members(group).page({ ...place, signal }),
);
