import { z } from '@hono/zod-openapi';
import { visibilities } from '../core/access/rights.ts';
import { errorCodes } from '../core/errors.ts';
import { overwritingPolicies } from '../core/registry/registry.ts';
import { withHeaders } from './openapi/headers.ts';
import { spaceQuota } from './quota-schemas.ts';

// Schemas of parameters and responses for `/openapi.json`. Responses are sent as core returns them, and are not
// parsed.

/** Path parameter of a space. */
export const spaceParams = z.object({ space: z.string() });
/** Path parameters of a chart. */
export const chartParams = z.object({ space: z.string(), chart: z.string() });
/** Path parameters of a version. */
export const versionParams = z.object({ space: z.string(), chart: z.string(), version: z.string() });
/** Path parameter of a job. */
export const jobParams = z.object({ id: z.string() });

// Whole number; values past the largest safe integer become that integer, for a start that far is past every end.
const wholeNumber = z
  .string()
  .regex(/^[+-]?\d+$/, 'expected a whole number')
  .transform((text) => Math.min(Number(text), Number.MAX_SAFE_INTEGER));

/** Whole number from 0 on, as a query has it. */
export const nonNegativeNumber = wholeNumber.refine(
  (items) => items >= 0,
  'expected a whole number from 0 on',
);

/** Largest number of items on a page of any list. */
export const maxLimit = 1_000;

/** Number of items on a page, as a query has it. */
export const pageLimit = nonNegativeNumber.refine(
  (items) => items <= maxLimit,
  `is at most ${maxLimit}. Read the rest in pages, by the Link header of each`,
);

/** JSON Schema of {@link pageLimit} for `/openapi.json`. */
export const limitSchema = { type: 'integer', minimum: 0, maximum: maxLimit } as const;

/** Query of a page: `start` and `limit`, both optional; `toPaging` has the defaults. */
export const pageQuery = z.object({
  start: wholeNumber.optional().openapi({ type: 'integer', default: 0, description: 'Items to pass over.' }),
  limit: pageLimit.optional().openapi({ ...limitSchema, default: 10, description: 'Items at the most.' }),
});

/** Counts of a page: all items, and items on the page. */
export const pageMetadata = z
  .object({
    total: z.int().openapi({ description: 'All items; lists that count no further say where they stop.' }),
    itemsLength: z.int().openapi({ description: 'Items on this page.' }),
  })
  .openapi('PageInfo');
/** Page of names. */
export const nameList = z.object({ metadata: pageMetadata, items: z.array(z.string()) }).openapi('NameList');

/** Values of a version. */
export const values = z.looseObject({}).openapi('Values');

/** Name of a created space with its link. */
export const spaceLink = z.object({ name: z.string(), link: z.string() }).openapi('SpaceLink');
/** Mark of a mirror. */
export const mirrorFlag = z.boolean().optional().openapi({
  description: 'True for a mirror, whose charts come from elsewhere; absent for other spaces.',
});
/** Space with its policy on overwriting and its counts. */
export const spaceShape = z
  .object({
    name: z.string(),
    overwriting: z.enum(overwritingPolicies),
    visibility: z
      .enum(visibilities)
      .optional()
      .openapi({ description: 'Absent where access is open, for everybody reads everything there.' }),
    charts: z.int(),
    versions: z.int(),
    mirror: mirrorFlag,
    quota: spaceQuota.optional(),
  })
  .openapi('Space');
/** Version with the link to its archive. */
export const chartLinkShape = z
  .object({ space: z.string(), chart: z.string(), version: z.string(), link: z.string() })
  .openapi('ChartLink');

const errorDetails = z
  .looseObject({
    pointer: z.string().optional().openapi({ description: 'Key of the body at fault (RFC 6901).' }),
    parameter: z.string().optional().openapi({ description: 'Parameter at fault.' }),
    header: z.string().optional().openapi({ description: 'Header at fault.' }),
    line: z.int().optional().openapi({ description: 'Line of a body in YAML, from 1.' }),
    column: z.int().optional().openapi({ description: 'Column of a body in YAML, from 1.' }),
    retryAfterSeconds: z.int().optional(),
  })
  .openapi('ErrorDetails');

/** Error body of version 1 of the interface. */
export const errorShape = z
  .object({
    message: z.string(),
    reason: z.enum(['ReasonRequest', 'ReasonInternal', 'ResourceLocking']),
    code: z.enum(errorCodes).openapi('ErrorCode', { description: 'Stable, for programs.' }),
    details: errorDetails.optional(),
  })
  .openapi('Error', {
    example: {
      message: 'There is no space named "platform". Create it: POST /api/v1/spaces?space=platform.',
      reason: 'ReasonInternal',
      code: 'space.notFound',
    },
  });

/** Describes one response of a route for `/openapi.json`. */
export function describeResponse(description: string, schema?: z.ZodType) {
  return schema ? { description, content: { 'application/json': { schema } } } : { description };
}

/** Any other error of a request, such as a part that is away or a method that a path does not have. */
export const otherErrorResponse = describeResponse('Any other error; `code` says which.', errorShape);

/** Describes the error responses of a route for `/openapi.json`, by status. */
export function describeErrors(...statuses: (keyof typeof errorDescriptions)[]) {
  return Object.fromEntries(
    statuses.map((status) => {
      const error = describeResponse(errorDescriptions[status], errorShape);
      return [status, transientStatuses.includes(status) ? withHeaders(error, 'Retry-After') : error];
    }),
  );
}

/** Statuses of errors that pass by themselves. */
const transientStatuses: readonly number[] = [423, 429, 503];

const errorDescriptions = {
  400: 'The request is not right; `message` says what to change.',
  401: 'Credentials are missing, wrong, expired or revoked.',
  403: 'A right is missing, or the registry does not answer by that host name.',
  404: 'There is no such thing; `message` names it.',
  409: 'It exists already, is immutable, or is over already.',
  413: 'Too large.',
  416: 'No byte of the range is there.',
  422: 'The idempotency key was sent with another body.',
  423: 'Somebody else is writing it. Try again after `Retry-After` seconds.',
  429: 'Too many wrong passwords. Try again after `Retry-After` seconds.',
  503: 'Too many jobs are unfinished, or a part cannot be reached. Try again after `Retry-After` seconds.',
};
