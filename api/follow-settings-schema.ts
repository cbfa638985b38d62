import { z } from '@hono/zod-openapi';
import { followedSteps, followVersions, maxKeep } from '../core/recipe/follow-settings.ts';

/** Settings of a follow, in a recipe and by themselves. */
export const followSettings = z
  .object({
    on: z.enum(followedSteps).openapi({ description: 'Steps of a source that count; `any` by default.' }),
    next: z.enum(followVersions).openapi({ description: 'Version that is composed; `patch` by default.' }),
    wait: z.string().openapi({
      description:
        'Time from the first change to its composition: a number and `s`, `m` or `h`, a day at most; `10m` by default.',
    }),
    prereleases: z
      .boolean()
      .openapi({ description: 'Whether pre-releases of sources count; not by default.' }),
    keep: z
      .int()
      .min(1)
      .max(maxKeep)
      .optional()
      .openapi({ description: 'Number of versions made by following that are kept. Absent for all.' }),
  })
  .openapi('FollowSettings');
