import { z } from '@hono/zod-openapi';
import { jobStates } from '../core/jobs/job.ts';
import { jobStages } from '../core/jobs/stages.ts';
import { warningCodes } from '../core/recipe/warning.ts';
import { comparison } from './compare-schemas.ts';
import { jobStage, sentRecipe } from './job-part-schemas.ts';
import { metadata } from './metadata-schemas.ts';
import { jobExample } from './openapi/examples.ts';
import { lineagePlan, plan } from './plan-schemas.ts';
import { chartLinkShape, errorShape, pageMetadata, values } from './schemas.ts';

// Schemas of recipes, jobs, deliveries and lineage for `/openapi.json`.

/** Source with the stored version that it was resolved to. */
export const sourceShape = z
  .object({
    pointer: z.string(),
    space: z.string(),
    chart: z.string(),
    requested: z.string(),
    version: z.string(),
    digest: z.string(),
  })
  .openapi('ResolvedSource');

const resolvedSources = z.array(sourceShape);

const warnings = z.array(
  z
    .object({
      code: z.enum(warningCodes).openapi('WarningCode'),
      pointer: z.string().openapi({ description: 'Into the recipe (RFC 6901).' }),
      place: z
        .object({ line: z.int(), column: z.int() })
        .optional()
        .openapi({ description: 'Place of the pointer in the text of a recipe in YAML, counted from 1.' }),
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
    updatedAt: z.iso.datetime().openapi({ description: 'Time of the last change.' }),
    stages: z.array(jobStage).openapi({
      description:
        'Stages in the order in which it entered them, at most 64; a job that was tried again has some of them again.',
    }),
    result: chartLinkShape.optional(),
    error: errorShape.optional(),
    links: z.object({ self: z.string(), events: z.string(), deliveries: z.string(), recipe: z.string() }),
  })
  .openapi('Job', { example: jobExample });
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
    digest: z.string().openapi({ description: 'Digest of the archive as it was composed.' }),
    modified: z.boolean().openapi({ description: 'Whether its values or metadata were rewritten since.' }),
    job: z.uuid(),
    composedAt: z.iso.datetime(),
    recipe: sentRecipe,
    plan: lineagePlan,
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
        sourceDigest: z.string().openapi({ description: 'Digest of the source when it was composed from.' }),
      }),
    ),
  })
  .openapi('DependentList');

/** Request headers of a recipe. */
export const orchestrationHeaders = z.object({
  Prefer: z.string().optional().openapi({ description: '`wait=N`: hold the answer for up to N seconds.' }),
  'Idempotency-Key': z
    .string()
    .max(255)
    .optional()
    .openapi({ description: 'Name of the request. A repeated request with the same key gets the same job.' }),
});
