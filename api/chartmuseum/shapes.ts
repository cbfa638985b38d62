import { z } from '@hono/zod-openapi';
import { describeResponse } from '../schemas.ts';

// Schemas of ChartMuseum's parameters and responses, for `/openapi.json`.

/** Entry of an index: one version. */
export const indexEntry = z
  .object({
    name: z.string(),
    version: z.string(),
    urls: z.array(z.string()),
    created: z.iso.datetime(),
    digest: z.string(),
  })
  .loose()
  .openapi('IndexEntry');

/** Response to an upload. */
export const savedResponse = z.object({ saved: z.literal(true) });
/** Response to a deletion. */
export const deletedResponse = z.object({ deleted: z.literal(true) });

const wholeNumber = (kind: string) =>
  z
    .string()
    .regex(/^\d+$/, `is not a valid ${kind} integer`)
    .transform((text) => Math.min(Number(text), Number.MAX_SAFE_INTEGER));

/** Query of a page: `offset` and `limit` count charts, or versions of one chart. Without them the list is whole. */
export const offsetQuery = z.object({
  offset: wholeNumber('non-negative')
    .default(0)
    .openapi({ type: 'integer', default: 0, description: 'Items to pass over.' }),
  limit: wholeNumber('positive')
    .refine((limit) => limit > 0, 'is not a valid positive integer')
    .optional()
    .openapi({ type: 'integer', description: 'Items at the most; all unless it is given.' }),
});

const errorShape = z.object({ error: z.string() }).openapi('ChartMuseumError');
const errorDescriptions = {
  400: 'The request, or the chart, is not right.',
  403: 'A right is missing, or the registry does not answer by that host name.',
  404: 'There is no such thing.',
  409: 'It exists already, or is immutable.',
  413: 'Too large.',
  423: 'Somebody else is writing it. Try again after `Retry-After` seconds.',
};

/** Any other error of this interface. */
export const otherMuseumError = describeResponse('Any other error.', errorShape);

/** Describes the error responses of a route for `/openapi.json`, by status. */
export function describeChartmuseumErrors(...statuses: (keyof typeof errorDescriptions)[]) {
  return Object.fromEntries(
    statuses.map((status) => [status, describeResponse(errorDescriptions[status], errorShape)]),
  );
}
