import type { Mirror, MirrorOutcome } from '@helm-registry/client';
import type { Place } from './lists.ts';
import { createQuery } from './query.ts';
import { registry } from './registry.ts';

/** Mirror of a space; null for a space that is none. */
export const mirrorQuery = createQuery(async (space: string, signal): Promise<Mirror | null> => {
  const { mirror } = await registry.space(space).get({ signal });
  return mirror ? registry.space(space).mirror.get({ signal }) : null;
});

/** Versions of a mirror with their last outcomes. */
export const mirrorVersionsQuery = createQuery(
  ({ space, outcome, place }: { space: string; outcome: MirrorOutcome | undefined; place: Place }, signal) =>
    registry
      .space(space)
      .mirror.versions(outcome && { outcome })
      .page({ ...place, signal }),
);

/** Runs of a mirror, the newest first. */
export const mirrorRunsQuery = createQuery(({ space, limit }: { space: string; limit: number }, signal) =>
  registry.space(space).mirror.runs().page({ limit, signal }),
);
