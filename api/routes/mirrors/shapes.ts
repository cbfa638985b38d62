import { z } from '@hono/zod-openapi';
import { mirrorOutcomes, mirrorRunStates } from '../../../core/mirror/settings.ts';
import { pageSchemaOf } from '../admin/admin-route.ts';

// Schemas of mirrors for `/openapi.json` and for bodies.

const url = z.string().openapi({
  description:
    'Folder that has index.yaml, or `oci://HOST/PATH` for the charts below a path of an OCI registry.',
  example: 'https://charts.example.com/stable/',
});
const settings = {
  charts: z.array(z.string()).openapi({
    description:
      'Globs of the names of charts. An OCI registry need not list its repositories where all are plain names.',
    example: ['nginx', 'redis*'],
  }),
  range: z
    .string()
    .max(512)
    .optional()
    .openapi({ description: 'Range of versions; absent for all.', example: '>=1.2.0' }),
  last: z.int().min(1).max(100_000).optional().openapi({
    description:
      'Largest number of versions of a chart, the highest. Pre-releases count apart from releases.',
  }),
  prereleases: z.boolean(),
  minAgeDays: z.int().min(0).max(3_650).openapi({
    description:
      'Days for which a version must have been seen before it is taken. Of what is there at the first look the date in the index counts; tags of an OCI registry have none, and count as old then.',
  }),
  prune: z
    .boolean()
    .openapi({ description: 'Whether versions that the repository has deleted are deleted here too.' }),
  mostPruned: z.int().min(1).max(100_000).openapi({
    description: 'Largest number of versions that a run deletes; where more are gone it deletes none.',
  }),
  overwrite: z
    .boolean()
    .openapi({ description: 'Whether other bytes under a version replace those that are stored.' }),
  plainHttp: z
    .boolean()
    .optional()
    .openapi({ description: 'Whether requests to an OCI registry go without encryption; false if absent.' }),
};
const intervalMinutes = z
  .int()
  .min(5)
  .max(525_600)
  .nullable()
  .openapi({ description: 'Minutes between two runs; null for a mirror that runs on request only.' });

/** Body that sets a mirror. */
export const wantedMirror = z
  .strictObject({
    url,
    every: intervalMinutes.optional(),
    credentials: z
      .strictObject({
        username: z.string().min(1).max(1_024),
        password: z.string().min(1).max(4_096),
        realm: z.string().max(1_024).optional().openapi({
          description: 'URL of a token service on another host that gets them too, for an OCI registry.',
          example: 'https://auth.example.com',
        }),
      })
      .nullable()
      .optional()
      .openapi({
        description: 'Absent to keep those that there are, if scheme, host and port stay; null for none.',
      }),
    ...z.object(settings).partial().shape,
  })
  .openapi('MirrorRequest');

const fault = z.object({ code: z.string(), message: z.string() });
const run = z
  .object({
    number: z.int(),
    state: z.enum(mirrorRunStates),
    startedAt: z.iso.datetime(),
    finishedAt: z.iso.datetime().nullable(),
    counts: z.record(z.string(), z.int()).openapi({
      description:
        'Versions: `listed` upstream, `chosen` by the filters, `tooYoung`, `unchanged`, and by outcome.',
    }),
    hasResults: z.boolean().openapi({ description: 'Whether results of its versions are kept.' }),
    retryAt: z.iso.datetime().nullable().openapi({
      description: 'Time at which what did not come is tried again; null where that is not done by itself.',
    }),
    error: fault.optional(),
  })
  .openapi('MirrorRun');

/** Mirror of a space, without its credentials. */
export const mirrorShape = z
  .object({
    space: z.string(),
    url,
    every: intervalMinutes,
    hasCredentials: z.boolean(),
    dueAt: z.iso.datetime().nullable(),
    succeededAt: z.iso.datetime().nullable(),
    run: run.optional(),
    ...settings,
  })
  .openapi('Mirror');

/** Page of runs of a mirror. */
export const mirrorRunList = pageSchemaOf(run, 'MirrorRunList');

/** Outcome of a version, as a filter. */
export const outcome = z.enum(mirrorOutcomes, `expected one of ${mirrorOutcomes.join(', ')}`);

const result = z.object({
  chart: z.string(),
  version: z.string(),
  outcome: z.enum(mirrorOutcomes),
  at: z.iso.datetime(),
  upstreamDigest: z.string().optional().openapi({
    description: 'Digest of the other archive, of an OCI registry that of the other manifest.',
  }),
  error: fault.optional(),
});

/** Page of versions of a mirror. */
export const mirrorVersionList = pageSchemaOf(
  result.extend({ run: z.int() }).openapi('MirrorVersion'),
  'MirrorVersionList',
);

/** Page of results of a run. */
export const mirrorResultList = pageSchemaOf(
  result
    .extend({
      retries: z.boolean().optional().openapi({
        description: 'Whether a version that failed is tried again by itself; absent for other outcomes.',
      }),
    })
    .openapi('MirrorResult'),
  'MirrorResultList',
);
