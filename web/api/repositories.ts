import { createQuery } from './query.ts';
import { registry } from './registry.ts';

/** OCI repositories of a space that are deeper than `SPACE/NAME`. */
export const repositoriesQuery = createQuery(
  ({ space, cursor, limit }: { space: string; cursor?: string; limit: number }, signal) =>
    registry
      .space(space)
      .repositories({ signal })
      .page({ limit, ...(cursor === undefined ? {} : { cursor }) }),
);
