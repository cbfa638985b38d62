import { z } from '@hono/zod-openapi';
import { visibilities } from '../core/access/rights.ts';
import { composedStates } from '../core/outdated/source-state.ts';
import { chartOrders } from '../core/registry/details/list-charts.ts';
import { spaceOrders } from '../core/registry/details/list-spaces.ts';
import { versionOrders } from '../core/registry/details/list-versions.ts';
import { overwritings } from '../core/registry/registry.ts';
import { pageMetadata, pageQuery } from './schemas.ts';

// Schemas of detail lists for `/openapi.json`.

const order = z
  .enum(['asc', 'desc'])
  .optional()
  .openapi({ description: 'Ascending or descending; by default names ascend, and all else descends.' });
const flag = z.enum(['true', 'false'], 'expected true or false').optional();
const part = z.string().max(250, 'is longer than 250 characters').optional();

/** Query of a list of spaces. */
export const spaceDetailsQuery = pageQuery.extend({
  sort: z.enum(spaceOrders).optional().openapi({ default: 'name' }),
  order,
  q: part.openapi({ description: 'Part of the name.' }),
});

/** Query of a list of charts. */
export const chartDetailsQuery = pageQuery.extend({
  sort: z.enum(chartOrders).optional().openapi({ default: 'name' }),
  order,
  q: part.openapi({ description: 'Part of the name or of the description.' }),
  keyword: part.openapi({ description: 'A keyword of the latest version.' }),
  type: z.enum(['application', 'library']).optional(),
  deprecated: flag.openapi({ description: 'Whether the latest version is deprecated.' }),
  signed: flag.openapi({ description: 'Whether the latest version has a provenance file.' }),
  since: z.iso
    .datetime({ offset: true, error: 'expected a time such as 2026-01-31T00:00:00Z' })
    .optional()
    .openapi({ description: 'The latest version was updated then or later.' }),
});

/** Query of a list of versions. */
export const versionDetailsQuery = pageQuery.extend({
  sort: z.enum(versionOrders).optional().openapi({ default: 'version' }),
  order,
  range: part.openapi({ description: 'Range of versions as Helm reads it, such as `^1.2`.' }),
  preRelease: flag.openapi({ description: '`false` leaves pre-releases out.' }),
  q: part.openapi({ description: 'Part of the version.' }),
});

/** Row of a list of spaces. */
const spaceDetails = z
  .object({
    name: z.string(),
    overwriting: z.enum(overwritings),
    visibility: z.enum(visibilities).optional(),
    charts: z.int(),
    versions: z.int(),
    createdAt: z.iso.datetime(),
    changedAt: z.iso.datetime(),
  })
  .openapi('SpaceDetails');

/** Row of a list of versions. */
const versionDetails = z
  .object({
    space: z.string(),
    chart: z.string(),
    version: z.string(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
    size: z.int().openapi({ description: 'Bytes of the archive.' }),
    digest: z.string(),
    author: z
      .string()
      .optional()
      .openapi({ description: 'Name of who published it, for readers who are logged in.' }),
    signed: z.boolean().openapi({ description: 'Whether it has a provenance file.' }),
    composed: z.boolean(),
    deprecated: z.boolean(),
    preRelease: z.boolean(),
    description: z.string().optional(),
    appVersion: z.string().optional(),
    kubeVersion: z.string().optional(),
    type: z.enum(['application', 'library']),
    keywords: z.array(z.string()),
    icon: z.boolean().openapi({ description: 'Whether Chart.yaml names an icon.' }),
    state: z
      .enum(composedStates)
      .optional()
      .openapi({
        description: 'Whether a composed version is up to date; absent until a worker has looked.',
      }),
  })
  .openapi('VersionDetails');

/** Details of one version. */
export const wholeVersionDetails = versionDetails
  .extend({
    home: z.string().optional(),
    sources: z.array(z.unknown()),
    maintainers: z.array(z.unknown()),
    annotations: z.record(z.string(), z.unknown()),
  })
  .openapi('WholeVersionDetails');

const chartDetails = z
  .object({
    space: z.string(),
    name: z.string(),
    latest: versionDetails,
    versions: z.int().openapi({ description: 'Number of versions.' }),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime().openapi({ description: 'Of the latest version.' }),
  })
  .openapi('ChartDetails');

/** Page of spaces. */
export const spaceDetailsPage = z
  .object({ metadata: pageMetadata, items: z.array(spaceDetails) })
  .openapi('SpaceDetailsPage');
/** Page of charts. */
export const chartDetailsPage = z
  .object({ metadata: pageMetadata, items: z.array(chartDetails) })
  .openapi('ChartDetailsPage');
/** Page of versions. */
export const versionDetailsPage = z
  .object({ metadata: pageMetadata, items: z.array(versionDetails) })
  .openapi('VersionDetailsPage');
