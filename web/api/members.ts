import type { PageRange } from './lists.ts';
import { createQuery } from './query.ts';
import { registry } from './registry.ts';

/** Members of a space by kind and name. */
export const membersQuery = createQuery(({ space, page }: { space: string; page: PageRange }, signal) =>
  registry
    .space(space)
    .members.list()
    .page({ ...page, signal }),
);
