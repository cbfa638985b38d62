import { z } from '@hono/zod-openapi';
import { followStates } from '../core/follow/read-follow.ts';
import { followedSteps, followVersions, maxKeep } from '../core/recipe/follow-settings.ts';
import { errorShape, pageMetadata } from './schemas.ts';

// Schemas of follows for `/openapi.json`.

const settings = z.object({
  on: z.enum(followedSteps).openapi({ description: 'Steps of a source that count.', default: 'any' }),
  next: z.enum(followVersions).openapi({ description: 'Version that is composed.', default: 'patch' }),
  wait: z.string().openapi({
    description:
      'Time from the first change to its composition: a number and `s`, `m` or `h`, a day at most.',
    default: '10m',
  }),
  prereleases: z.boolean().openapi({ description: 'Whether pre-releases of sources count.', default: false }),
  keep: z
    .int()
    .min(1)
    .max(maxKeep)
    .optional()
    .openapi({ description: 'Number of versions made by following that are kept. Absent for all.' }),
});

/** Body that sets the follow of a chart. */
export const followBody = settings
  .partial()
  .extend({ callback: z.object({ url: z.string(), secret: z.string().optional() }).optional() })
  .openapi('FollowSettings');

const run = z.object({
  state: z.enum(['running', 'composed', 'failed', 'cancelled']),
  from: z.string().optional(),
  version: z.string().optional(),
  startedAt: z.string(),
  finishedAt: z.string().nullable(),
  error: errorShape.optional(),
  deleted: z.int(),
  keepError: errorShape.optional(),
  job: z.string().optional(),
});

/** Follow of a chart, with a page of its runs. */
export const followShape = z
  .object({
    space: z.string(),
    chart: z.string(),
    settings,
    state: z.enum(followStates),
    author: z.string().optional(),
    changedAt: z.string(),
    dueAt: z.string().optional(),
    failure: errorShape.optional(),
    hasCallback: z.boolean(),
    metadata: pageMetadata,
    items: z.array(run),
  })
  .openapi('Follow');
