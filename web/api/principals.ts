import type { PageRange } from './lists.ts';
import { createQuery } from './query.ts';
import { registry } from './registry.ts';

/** Users by name. */
export const usersQuery = createQuery((page: PageRange, signal) =>
  registry.users.list().page({ ...page, signal }),
);

/** Groups by name. */
export const groupsQuery = createQuery((page: PageRange, signal) =>
  registry.groups.list().page({ ...page, signal }),
);

/** Group by its name. */
export const groupQuery = createQuery((name: string, signal) => registry.groups.get(name, { signal }));

/** Members of a group by name. */
export const groupMembersQuery = createQuery(({ group, page }: { group: string; page: PageRange }, signal) =>
  registry.groups.members(group).page({ ...page, signal }),
);
