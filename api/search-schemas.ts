import { z } from '@hono/zod-openapi';
import { searchMatchKinds } from '../core/registry/search.ts';
import { searchSorts } from '../core/registry/search-query.ts';
import { chartLinkShape, pageMetadata, pageQuery } from './schemas.ts';

const flag = z
  .enum(['true', 'false'], 'expected true or false')
  .transform((text) => text === 'true')
  .optional();
const maxText = 250;
const facetFilter = z
  .string()
  .max(maxText, `is longer than ${maxText} characters`)
  .refine((text) => !text.includes('\0'), 'has a NUL character')
  .optional();
const time = z.iso
  .datetime({ offset: true, error: 'expected a time as 2026-01-31T12:00:00Z' })
  .transform((text) => new Date(text));

/** Query of a search. */
export const searchQuery = pageQuery.extend({
  q: z.string().max(maxText, `is longer than ${maxText} characters`).optional().openapi({
    description: 'Words, or their beginnings; all of them must be found. Without it every chart is found.',
  }),
  space: z.string().optional().openapi({ description: 'The only space to search in.' }),
  keyword: facetFilter.openapi({ description: 'A whole keyword of the chart, in any case.' }),
  type: facetFilter.openapi({ description: 'Type of the chart: `application` or `library`.' }),
  deprecated: flag.openapi({ description: 'Whether the chart is deprecated.' }),
  signed: flag.openapi({
    description: 'Whether the latest version has a provenance file, or a signature of cosign.',
  }),
  since: time.optional().openapi({
    description: 'Only charts of which a version was stored after this time.',
    format: 'date-time',
  }),
  sort: z
    .enum(searchSorts)
    .optional()
    .openapi({ description: '`relevance` by default; by name where there is no `q`.' }),
  order: z
    .enum(['asc', 'desc'])
    .optional()
    .openapi({ description: 'By default the best, the first name, or the newest comes first.' }),
  facets: flag.openapi({ description: 'Whether values of the fields are counted.' }),
});

/** Found chart, as its latest version. */
export const searchItem = chartLinkShape
  .extend({
    match: z
      .enum(searchMatchKinds)
      .optional()
      .openapi({
        description:
          'Where it was found, the best first: `name` is the whole name. Where typing errors were forgiven, where the ' +
          'corrected text was found. Absent without `q`.',
      }),
    createdAt: z.iso.datetime().openapi({ description: 'When the latest version was first stored.' }),
    updatedAt: z.iso.datetime().openapi({ description: 'When any version of the chart was last stored.' }),
    versions: z.int().openapi({ description: 'Number of versions of the chart.' }),
    description: z.string().nullable(),
    appVersion: z.string().nullable(),
    type: z.string(),
    keywords: z.unknown().openapi({ type: ['array', 'null'], items: { type: 'string' } }),
    deprecated: z.boolean(),
    signed: z
      .boolean()
      .openapi({ description: 'Whether it has a provenance file, or a signature of cosign.' }),
    composed: z.boolean(),
    icon: z.boolean().openapi({ description: 'Whether it names an icon.' }),
  })
  .openapi('SearchItem');

function facet<Value extends z.ZodType>(value: Value) {
  return z.array(z.object({ value, count: z.int() }));
}

/** Values of the fields of found charts, the most frequent first, at most 50 of each. */
export const facets = z
  .object({
    space: facet(z.string()),
    keyword: facet(z.string()).openapi({ description: 'In lower case.' }),
    type: facet(z.string()),
    deprecated: facet(z.boolean()),
    signed: facet(z.boolean()),
  })
  .openapi('Facets', {
    description:
      'Values of the fields, the most frequent first, at most 50 of each. Each counts the charts that the text and the ' +
      'other chosen fields leave.',
  });

/** Page of found charts. */
export const searchPage = z
  .object({
    metadata: pageMetadata,
    items: z.array(searchItem),
    facets: facets.optional(),
    corrected: z.string().optional().openapi({
      description:
        'Text that was searched for too, where typing errors were forgiven. What it finds comes last.',
    }),
  })
  .openapi('SearchPage');
