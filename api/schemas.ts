import { z } from '@hono/zod-openapi';
import { jobStates } from '../core/jobs/job.ts';
import { overwritings } from '../core/registry/registry.ts';

// What answers look like, for `/openapi.json`. Handlers send what core gives them; nothing is parsed on the way out.

export const spaceParams = z.object({ space: z.string() });
export const chartParams = z.object({ space: z.string(), chart: z.string() });
export const versionParams = z.object({ space: z.string(), chart: z.string(), version: z.string() });
export const jobParams = z.object({ id: z.string() });

// Past the end is past the end, however far.
const wholeNumber = z
  .string()
  .regex(/^[+-]?\d+$/, 'expected a whole number')
  .transform((text) => Math.min(Number(text), Number.MAX_SAFE_INTEGER));

/** `start` and `limit` as they come; `toPaging` makes a page of them. */
export const pageQuery = z.object({
  start: wholeNumber.optional().openapi({ type: 'integer', default: 0, description: 'Items to pass over.' }),
  limit: wholeNumber.optional().openapi({ type: 'integer', default: 10, description: 'Items at the most.' }),
});

export const pageMetadata = z.object({ total: z.int(), itemsLength: z.int() });
export const nameList = z.object({ metadata: pageMetadata, items: z.array(z.string()) }).openapi('NameList');

export const metadata = z
  .object({
    name: z.string(),
    version: z.string(),
    apiVersion: z.string().optional(),
    appVersion: z.string().optional(),
    description: z.string().optional(),
    type: z.string().optional(),
    dependencies: z
      .array(z.looseObject({}))
      .optional()
      .openapi({ description: 'The charts inside it, each the same shape.' }),
  })
  .loose()
  .openapi('Metadata');
export const metadataList = z
  .object({ metadata: pageMetadata, items: z.array(metadata) })
  .openapi('MetadataList');
export const values = z.looseObject({}).openapi('Values');

export const spaceLink = z.object({ name: z.string(), link: z.string() }).openapi('SpaceLink');
export const spaceShape = z
  .object({
    name: z.string(),
    overwriting: z.enum(overwritings),
    charts: z.int(),
    versions: z.int(),
  })
  .openapi('Space');
export const chartLinkShape = z
  .object({ space: z.string(), chart: z.string(), version: z.string(), link: z.string() })
  .openapi('ChartLink');

export const errorShape = z
  .object({
    message: z.string(),
    reason: z.enum(['ReasonRequest', 'ReasonInternal', 'ResourceLocking']),
    code: z.string(),
    details: z.looseObject({}).optional(),
  })
  .openapi('Error');

const resolvedSources = z.array(
  z.object({
    pointer: z.string(),
    space: z.string(),
    chart: z.string(),
    requested: z.string(),
    version: z.string(),
    digest: z.string(),
  }),
);

export const job = z
  .object({
    id: z.uuid(),
    state: z.enum(jobStates),
    space: z.string(),
    chart: z.string(),
    version: z.string(),
    progress: z.object({ stage: z.string(), done: z.int(), total: z.int() }),
    sources: resolvedSources
      .optional()
      .openapi({ description: 'The stored versions it is made from, and what the recipe asked for.' }),
    attempts: z.int(),
    createdAt: z.iso.datetime(),
    startedAt: z.iso.datetime().nullable(),
    finishedAt: z.iso.datetime().nullable(),
    result: chartLinkShape.optional(),
    error: errorShape.optional(),
    links: z.object({ self: z.string(), events: z.string(), deliveries: z.string() }),
  })
  .openapi('Job');
export const jobList = z.object({ metadata: pageMetadata, items: z.array(job) }).openapi('JobList');

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
export const deliveryList = z
  .object({ metadata: pageMetadata, items: z.array(delivery) })
  .openapi('DeliveryList');

export const dryRunQuery = z.object({
  dryRun: z.enum(['true', 'false'], 'expected true or false').optional(),
});

/** A recipe after checking: a tree of nodes with exact sources. */
const plan = z.looseObject({
  space: z.string(),
  chart: z.string(),
  version: z.string(),
  values: z.enum(['merge', 'replace', 'literal']),
  root: z.looseObject({}),
});

export const dryRunShape = z
  .object({
    space: z.string(),
    chart: z.string(),
    version: z.string(),
    sources: resolvedSources,
    plan,
    metadata,
    values,
    warnings: z.array(z.object({ code: z.string(), pointer: z.string(), message: z.string() })),
  })
  .openapi('DryRun');

export const lineage = z
  .object({
    digest: z.string().openapi({ description: 'Of the archive as it was composed.' }),
    modified: z.boolean().openapi({ description: 'Whether its values or metadata were rewritten since.' }),
    job: z.uuid(),
    composedAt: z.iso.datetime(),
    recipe: z.looseObject({}).openapi({ description: 'As it was sent, without the callback.' }),
    plan,
    sources: resolvedSources,
  })
  .openapi('Lineage');
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

export const orchestrationHeaders = z.object({
  Prefer: z.string().optional().openapi({ description: '`wait=N`: hold the answer for up to N seconds.' }),
  'Idempotency-Key': z.string().max(255).optional().openapi({ description: 'One key, one job.' }),
});

const packageShape = z.object({
  independent: z.boolean(),
  space: z.string(),
  chart: z.string(),
  version: z.string().openapi({
    description:
      'A version; or a range as Helm reads it (`^1.2`, `~1.2.3`, `>=1 <2`, `1.2.x`), or `latest`, resolved when the ' +
      'recipe is accepted.',
  }),
  subcharts: z.enum(['keep', 'drop']).optional().openapi({
    default: 'drop',
    description: "What becomes of the source's own subcharts that the recipe does not name.",
  }),
});
export const recipe = z
  .object({
    save: z.looseObject({
      chart: z.string(),
      version: z.string(),
      description: z.string().optional(),
      values: z.enum(['merge', 'replace', 'literal']).optional(),
    }),
    configs: z.looseObject({ package: packageShape, _config: z.looseObject({}).optional() }).openapi({
      description: 'A node; every other key is a child node under the name it gets in the new chart.',
    }),
    callback: z.object({ url: z.url(), secret: z.string().optional() }).optional(),
  })
  .openapi('Recipe');

/** One answer of a route: what it means, and the shape of its JSON. */
export function answer(description: string, schema?: z.ZodType) {
  return schema ? { description, content: { 'application/json': { schema } } } : { description };
}

/** The errors that a route answers, by status. */
export function errors(...statuses: (keyof typeof errorDescriptions)[]) {
  return Object.fromEntries(
    statuses.map((status) => [status, answer(errorDescriptions[status], errorShape)]),
  );
}

const errorDescriptions = {
  400: 'The request is not right; `message` says what to change.',
  404: 'There is no such thing; `message` names it.',
  409: 'It exists already, is immutable, or is over already.',
  413: 'Too large.',
  422: 'The idempotency key was sent with another body.',
  423: 'Somebody else is writing it. Try again after `Retry-After` seconds.',
  503: 'Too many jobs are unfinished, or a part cannot be reached. Try again after `Retry-After` seconds.',
};
