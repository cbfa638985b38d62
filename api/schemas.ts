import { z } from '@hono/zod-openapi';
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

const count = wholeNumber.refine((items) => items >= 0, 'expected a whole number from 0 on');

/** `start` and `limit` as they come; `toPaging` makes a page of them. */
export const pageQuery = z.object({
  start: wholeNumber.optional().openapi({ type: 'integer', default: 0, description: 'Items to pass over.' }),
  limit: count.optional().openapi({ type: 'integer', default: 10, description: 'Items at the most.' }),
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
