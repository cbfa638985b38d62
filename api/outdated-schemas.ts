import { z } from '@hono/zod-openapi';
import { steps } from '../core/outdated/newer-versions.ts';
import { composedStates } from '../core/outdated/source-state.ts';
import { sourceShape } from './job-schemas.ts';
import { chartLinkShape } from './schemas.ts';

const newer = z.object({ version: z.string(), deprecated: z.boolean() });
const newerVersions = z.object(Object.fromEntries(steps.map((step) => [step, newer.optional()])));

const source = sourceShape.extend({
  stored: z.enum(['unchanged', 'replaced', 'gone']).optional().openapi({
    description: 'Fate of the version that it was resolved to. Absent, like all below, for a masked source.',
  }),
  now: z
    .object({ version: z.string(), digest: z.string(), deprecated: z.boolean() })
    .nullable()
    .optional()
    .openapi({ description: 'The version that it would be resolved to now; null where there is none.' }),
  outdated: z
    .boolean()
    .optional()
    .openapi({ description: 'Whether that is another version, other bytes, or nothing.' }),
  newer: newerVersions.optional().openapi({
    description:
      'The highest releases above that version that the recipe does not allow, by the step that leads there.',
  }),
  prereleases: newerVersions.optional().openapi({
    description: 'Pre-releases above that version, where they are higher than every release of their step.',
  }),
});

/** Composed version, and whether it is up to date. */
export const composedState = chartLinkShape
  .extend({
    state: z.enum(composedStates),
    outdated: z
      .boolean()
      .openapi({ description: 'Whether the recipe would be resolved to something else now.' }),
    newer: z.enum(['none', ...steps]).openapi({
      description: 'The greatest step to a release that is not deprecated and not allowed by the recipe.',
    }),
    hidden: z.int().openapi({
      description:
        'Number of sources that the reader may not read: they are masked, and nothing here depends on them.',
    }),
    sources: z.array(source),
  })
  .openapi('ComposedState');

/** Page of composed versions. */
export const composedStateList = z
  .object({ metadata: z.object({ itemsLength: z.int() }), items: z.array(composedState) })
  .openapi('ComposedStateList');
