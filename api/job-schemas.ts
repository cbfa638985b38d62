import { z } from '@hono/zod-openapi';
import { jobStates } from '../core/jobs/job.ts';
import { jobStages } from '../core/jobs/stages.ts';
import { recipeLimits } from '../core/recipe/recipe.ts';
import { warningCodes } from '../core/recipe/warning.ts';
import { nextSteps } from '../core/semver/next-version.ts';
import { comparison } from './compare-schemas.ts';
import { followSettings } from './follow-settings-schema.ts';
import { jobStage } from './job-part-schemas.ts';
import { chartLinkShape, errorShape, metadata, pageMetadata, values } from './schemas.ts';

// Schemas of recipes, jobs, deliveries and lineage for `/openapi.json`.

/** Source with the stored version that it was resolved to. */
export const sourceShape = z.object({
  pointer: z.string(),
  space: z.string(),
  chart: z.string(),
  requested: z.string(),
  version: z.string(),
  digest: z.string(),
});

const resolvedSources = z.array(sourceShape);

const warnings = z.array(
  z
    .object({
      code: z.enum(warningCodes),
      pointer: z.string().openapi({ description: 'Into the recipe (RFC 6901).' }),
      message: z.string(),
      file: z.string().optional().openapi({ description: 'A template file in its chart.' }),
      line: z.int().optional(),
      value: z.string().optional().openapi({ description: "A value of the chart's, keys joined by dots." }),
      templates: z.array(z.string()).optional().openapi({ description: 'Names of templates.' }),
    })
    .openapi('Warning'),
);

/** Job as the interface shows it. */
export const job = z
  .object({
    id: z.uuid(),
    state: z.enum(jobStates),
    space: z.string(),
    chart: z.string(),
    version: z.string(),
    author: z
      .string()
      .optional()
      .openapi({ description: 'Name of who sent the recipe, where access is guarded.' }),
    progress: z.object({ stage: z.enum(jobStages), done: z.int(), total: z.int() }),
    replaces: z
      .string()
      .optional()
      .openapi({ description: 'Digest of the archive that it replaces; absent for a new version.' }),
    sources: resolvedSources
      .optional()
      .openapi({ description: 'The stored versions it is made from, and what the recipe asked for.' }),
    warnings: warnings.openapi({
      description: 'Warnings of the recipe, found when it was accepted; empty where there are none.',
    }),
    attempts: z.int(),
    createdAt: z.iso.datetime(),
    startedAt: z.iso.datetime().nullable(),
    finishedAt: z.iso.datetime().nullable(),
    updatedAt: z.iso.datetime().openapi({ description: 'Of the last change.' }),
    stages: z.array(jobStage).openapi({
      description:
        'Stages in the order in which it entered them, at most 64; a job that was tried again has some of them again.',
    }),
    result: chartLinkShape.optional(),
    error: errorShape.optional(),
    links: z.object({ self: z.string(), events: z.string(), deliveries: z.string(), recipe: z.string() }),
  })
  .openapi('Job');
/** Page of jobs. */
export const jobPage = z.object({ metadata: pageMetadata, items: z.array(job) }).openapi('JobPage');

/** Delivery with its attempts. */
export const delivery = z
  .object({
    id: z.uuid(),
    url: z.string(),
    state: z.enum(['pending', 'succeeded', 'failed']),
    createdAt: z.iso.datetime(),
    finishedAt: z.iso.datetime().nullable(),
    attempts: z.array(
      z.object({
        number: z.int(),
        startedAt: z.iso.datetime(),
        durationMs: z.int(),
        status: z.int().optional(),
        error: z.string().optional(),
      }),
    ),
  })
  .openapi('Delivery');
/** Page of deliveries. */
export const deliveryList = z
  .object({ metadata: pageMetadata, items: z.array(delivery) })
  .openapi('DeliveryList');

/** Plan: a tree of nodes with exact sources. */
const plan = z.looseObject({
  space: z.string(),
  chart: z.string(),
  version: z.string(),
  values: z.enum(['merge', 'replace', 'literal']),
  root: z.looseObject({}),
});

/** Result of a dry run. */
export const dryRunShape = z
  .object({
    space: z.string(),
    chart: z.string(),
    version: z.string(),
    replaces: z
      .object({ digest: z.string() })
      .optional()
      .openapi({ description: 'The archive of the version, where it exists.' }),
    sources: resolvedSources,
    plan,
    metadata,
    values,
    warnings,
    comparison: comparison
      .optional()
      .openapi({ description: 'With the version of `against`, or with the one that it would replace.' }),
  })
  .openapi('DryRun');

/** Lineage of a composed version. */
export const lineage = z
  .object({
    digest: z.string().openapi({ description: 'Of the archive as it was composed.' }),
    modified: z.boolean().openapi({ description: 'Whether its values or metadata were rewritten since.' }),
    job: z.uuid(),
    composedAt: z.iso.datetime(),
    recipe: z.looseObject({}).openapi({ description: 'As it was sent, without the callback.' }),
    plan,
    sources: resolvedSources,
    warnings,
  })
  .openapi('Lineage');
/** Page of versions that were composed from a version. */
export const dependentList = z
  .object({
    metadata: pageMetadata,
    items: z.array(
      chartLinkShape.extend({
        sourceDigest: z.string().openapi({ description: 'Of the source as it was then.' }),
      }),
    ),
  })
  .openapi('DependentList');

/** Request headers of a recipe. */
export const orchestrationHeaders = z.object({
  Prefer: z.string().optional().openapi({ description: '`wait=N`: hold the answer for up to N seconds.' }),
  'Idempotency-Key': z.string().max(255).optional().openapi({ description: 'One key, one job.' }),
});

const packageShape = z.object({
  independent: z.boolean(),
  space: z.string().optional().openapi({ description: 'The space of the new chart if left out.' }),
  chart: z.string(),
  version: z.string().openapi({
    description:
      'A version; or a range as Helm reads it (`^1.2`, `~1.2.3`, `>=1 <2`, `1.2.x`), or `latest`, resolved when the ' +
      'recipe is accepted. `1.2` is the range `1.2.x`, unless a version of that very text is stored.',
  }),
  subcharts: z
    .enum(['keep', 'resolve', 'drop'])
    .optional()
    .openapi({
      default: 'drop',
      description:
        "What becomes of the source's own subcharts that the recipe does not name. `resolve` keeps them, and takes what " +
        'the source declares and its archive does not contain from the registry.',
    }),
});
/** Recipe as clients send it. */
export const recipe = z
  .object({
    save: z.looseObject({
      chart: z.string(),
      version: z.string(),
      description: z.string().optional(),
      appVersion: z.string().optional(),
      keywords: z.array(z.string()).optional(),
      icon: z.string().optional(),
      annotations: z.record(z.string(), z.string()).optional(),
      type: z
        .enum(['application', 'library'])
        .optional()
        .openapi({ description: 'Only for a root without a `package`.' }),
      values: z.enum(['merge', 'replace', 'literal']).optional(),
      replace: z.boolean().optional().openapi({
        default: false,
        description: 'Whether a version that exists is replaced, in a mutable space.',
      }),
      follow: followSettings.partial().optional().openapi({
        description: 'Composes the chart anew when its sources change, from its version on.',
      }),
      from: z.array(z.string()).max(recipeLimits.from).optional().openapi({
        description:
          'Spaces in which `resolve` looks for missing parts, in order, after the space of the chart that declares them.',
      }),
    }),
    configs: z
      .looseObject({ package: packageShape.nullish(), _config: z.looseObject({}).optional() })
      .openapi({
        description:
          'A node; every other key is a child node under the name it gets in the new chart. Without `package` the ' +
          'new chart is an umbrella: it has nothing of its own but Chart.yaml, values.yaml and its children.',
      }),
    callback: z.object({ url: z.url(), secret: z.string().optional() }).optional(),
  })
  .openapi('Recipe');

/** Body of a request to recompose. */
export const recomposition = z
  .object({
    next: z
      .enum(nextSteps)
      .optional()
      .openapi({
        description:
          'Step from the highest version of the line: of the same minor version for `patch` and `prerelease`, of the same ' +
          'major version for `minor`, of the chart for `major`. Either this or `version`.',
      }),
    version: z.string().optional().openapi({ description: 'The new version.' }),
    changes: z
      .looseObject({})
      .optional()
      .openapi({ description: 'JSON merge patch (RFC 7396) of the recipe.' }),
    callback: recipe.shape.callback,
  })
  .openapi('Recomposition');
