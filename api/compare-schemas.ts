import { z } from '@hono/zod-openapi';
import { comparedParts, defaultCompareLimit, maxCompareLimit } from '../core/compare/comparison.ts';
import { limitSchema, nonNegativeNumber, pageLimit } from './schemas.ts';

// Schemas of comparisons for `/openapi.json`.

/** Path parameters of a comparison: both versions. */
export const compareParams = z.object({
  space: z.string(),
  chart: z.string(),
  version: z.string(),
  other: z.string(),
});

/** Query of a comparison: chart of the second version, page, and what is wanted. */
export const compareQuery = z.object({
  space: z.string().optional().openapi({ description: 'Space of the second version; that of the first.' }),
  chart: z.string().optional().openapi({ description: 'Chart of the second version; that of the first.' }),
  start: nonNegativeNumber
    .optional()
    .openapi({ type: 'integer', default: 0, description: 'Items of each list to pass over.' }),
  limit: pageLimit
    .transform((items) => Math.min(items, maxCompareLimit))
    .optional()
    .openapi({
      ...limitSchema,
      default: defaultCompareLimit,
      description: `Items of each list at the most; ${maxCompareLimit} at the most.`,
    }),
  only: z
    .enum(comparedParts, `expected one of ${comparedParts.join(', ')}`)
    .optional()
    .openapi({ description: 'The only list to answer.' }),
  file: z.string().optional().openapi({
    description: 'Path of the only file to answer; its diff may have 1 MiB.',
  }),
});

const change = z.enum(['added', 'removed', 'changed']);
const truncated = z
  .literal(true)
  .optional()
  .openapi({ description: 'Set where something is cut or left out for its length.' });

const comparedVersion = z.object({
  space: z.string(),
  chart: z.string(),
  version: z.string(),
  digest: z.string(),
  size: z.int().openapi({ description: 'Bytes of the archive.' }),
});

function countedListOf<Item extends z.ZodType>(item: Item) {
  return z.object({ total: z.int(), items: z.array(item) }).optional();
}

const keyChange = z
  .object({
    pointer: z.string().openapi({ description: 'Place of the key (RFC 6901).' }),
    change,
    from: z.unknown().optional(),
    to: z.unknown().optional(),
    truncated,
  })
  .openapi('KeyChange');

const dependencyChange = z.object({
  name: z.string().openapi({ description: 'Alias of the entry, or its name.' }),
  change,
  from: z.looseObject({}).optional(),
  to: z.looseObject({}).optional(),
  truncated,
});

const subchartChange = z.object({
  path: z.string().openapi({ example: 'charts/db' }),
  name: z.string(),
  change: z.enum(['added', 'removed', 'upgraded', 'downgraded', 'changed']).openapi({
    description: '`changed`: other files under the same version.',
  }),
  from: z.string().optional(),
  to: z.string().optional(),
});

const fileSchema = z.object({ size: z.int(), digest: z.string() }).optional();
const fileChange = z
  .object({
    path: z.string(),
    kind: z.enum(['template', 'crd', 'other']),
    change,
    from: fileSchema,
    to: fileSchema,
    binary: z.literal(true).optional().openapi({ description: 'Set where a side is not UTF-8 text.' }),
    diff: z.string().optional().openapi({ description: 'Unified diff, for `git apply` and `patch -p1`.' }),
    truncated,
  })
  .openapi('FileChange');

/** Difference between two versions. */
export const comparison = z
  .object({
    from: comparedVersion,
    to: comparedVersion,
    truncated: z
      .boolean()
      .openapi({ description: 'Whether a value or a diff of this page is cut or left out.' }),
    metadata: countedListOf(keyChange),
    dependencies: countedListOf(dependencyChange),
    subcharts: countedListOf(subchartChange),
    values: countedListOf(keyChange),
    files: countedListOf(fileChange),
  })
  .openapi('Comparison');
