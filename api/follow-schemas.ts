import { z } from '@hono/zod-openapi';
import { followStates } from '../core/follow/view-follow.ts';
import { followSettings } from './follow-settings-schema.ts';
import { errorShape, pageMetadata } from './schemas.ts';

// Schemas of follows for `/openapi.json`.

/** Body that sets the follow of a chart. */
export const followBody = followSettings
  .partial()
  .extend({ callback: z.object({ url: z.string(), secret: z.string().optional() }).optional() })
  .openapi('FollowRequest');

const run = z
  .object({
    state: z.enum(['running', 'composed', 'failed', 'cancelled']),
    from: z.string().optional(),
    version: z.string().optional(),
    startedAt: z.string(),
    finishedAt: z.string().nullable(),
    error: errorShape.optional(),
    deleted: z.int(),
    keepError: errorShape.optional(),
    job: z.string().optional(),
  })
  .openapi('FollowRun');

const summary = z.object({
  space: z.string(),
  chart: z.string(),
  settings: followSettings,
  state: z.enum(followStates),
  author: z.string().optional(),
  changedAt: z.string(),
  dueAt: z.string().optional(),
  failure: errorShape.optional(),
  hasCallback: z.boolean(),
});

/** Follow of a chart, with a page of its runs. */
export const followShape = summary.extend({ metadata: pageMetadata, items: z.array(run) }).openapi('Follow');

/** Page of follows, each with its newest run. */
export const followList = z
  .object({
    metadata: z.object({ itemsLength: z.int() }),
    items: z.array(
      summary
        .extend({
          lastRun: run
            .optional()
            .openapi({ description: 'The newest run; absent where there was none yet.' }),
        })
        .openapi('ListedFollow'),
    ),
  })
  .openapi('FollowList');
