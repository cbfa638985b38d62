import { z } from '@hono/zod-openapi';
import { spaceRoles, visibilities } from '../core/access/rights.ts';
import { orders } from '../core/details/details.ts';
import { chartSorts } from '../core/details/list-charts.ts';
import { spaceSorts } from '../core/details/list-spaces.ts';
import { versionSorts } from '../core/details/list-versions.ts';
import { composedStates } from '../core/outdated/source-state.ts';
import { overwritingPolicies } from '../core/registry/registry.ts';
import { contentsSummary } from './file-schemas.ts';
import { spaceQuota } from './quota-schemas.ts';
import { mirrorFlag, pageMetadata, pageQuery } from './schemas.ts';

// Schemas of details, which lists show in their rows, for `/openapi.json`.

const oneOfMessage = (values: readonly string[]) => `expected one of ${values.join(', ')}`;
const boundedText = (maxLength: number) =>
  z.string().max(maxLength, `is longer than ${maxLength} characters`).optional();
const flag = z
  .enum(['true', 'false'], 'expected true or false')
  .transform((value) => value === 'true')
  .optional();
const booleanType = { type: 'boolean' } as const;
const order = z.enum(orders, oneOfMessage(orders)).optional();
const since = z
  .string()
  .regex(
    /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/,
    'expected a time such as 2026-01-31T12:00:00Z',
  )
  .transform((value) => new Date(value))
  .refine((time) => !Number.isNaN(time.getTime()), 'expected a time such as 2026-01-31T12:00:00Z')
  .optional();

/** Query of a list of spaces with details. */
export const spaceDetailsQuery = pageQuery.extend({
  q: boundedText(250).openapi({ description: 'Part of the name, in any case.' }),
  sort: z.enum(spaceSorts, oneOfMessage(spaceSorts)).optional().openapi({ default: 'name' }),
  order: order.openapi({ default: 'asc' }),
});

/** Query of a list of charts with details. */
export const chartDetailsQuery = pageQuery.extend({
  q: boundedText(250).openapi({ description: 'Part of the name, in any case.' }),
  keyword: boundedText(250).openapi({ description: 'Keyword of the latest version, in any case.' }),
  type: boundedText(100).openapi({ description: 'Type of the latest version, such as `library`.' }),
  deprecated: flag.openapi({ ...booleanType, description: 'Whether the latest version is deprecated.' }),
  signed: flag.openapi({ ...booleanType, description: 'Whether the latest version is signed.' }),
  since: since.openapi({
    type: 'string',
    format: 'date-time',
    description: 'Only charts of which a version was stored after this time.',
  }),
  sort: z.enum(chartSorts, oneOfMessage(chartSorts)).optional().openapi({ default: 'name' }),
  order: order.openapi({ default: 'asc' }),
});

/** Query of a list of versions with details. */
export const versionDetailsQuery = pageQuery.extend({
  q: boundedText(250).openapi({ description: 'Part of the version, in any case.' }),
  range: boundedText(250).openapi({
    description: 'SemVer range as Helm reads it, such as `^1.2`; pre-releases only where it names one.',
  }),
  preRelease: flag.openapi({
    ...booleanType,
    description: '`false` leaves pre-releases out, `true` releases.',
  }),
  sort: z.enum(versionSorts, oneOfMessage(versionSorts)).optional().openapi({ default: 'version' }),
  order: order.openapi({ default: 'desc' }),
});

const time = z.string().openapi({ format: 'date-time' });

/** Space as a row of a list. */
export const spaceDetails = z
  .object({
    name: z.string(),
    overwriting: z.enum(overwritingPolicies),
    visibility: z.enum(visibilities).optional().openapi({ description: 'Absent where access is open.' }),
    charts: z.int(),
    versions: z.int(),
    bytes: z.int().openapi({ description: 'Bytes of the archives of all versions.' }),
    createdAt: time,
    changedAt: time.openapi({
      format: 'date-time',
      description: 'When something below the space was last written.',
    }),
    mirror: mirrorFlag,
    role: z
      .enum(spaceRoles)
      .optional()
      .openapi({ description: 'Role of the reader; absent where access is open.' }),
    quota: spaceQuota.optional(),
  })
  .openapi('SpaceDetails');

/** Version as a row of a list. */
export const versionDetails = z
  .object({
    space: z.string(),
    chart: z.string(),
    version: z.string(),
    createdAt: time.openapi({ format: 'date-time', description: 'When the version was first stored.' }),
    updatedAt: time.openapi({ format: 'date-time', description: 'When its archive was last replaced.' }),
    size: z.int().openapi({ description: 'Bytes of the archive.' }),
    digest: z.string(),
    author: z
      .string()
      .optional()
      .openapi({ description: 'Name of who stored the archive; absent where access was open.' }),
    signed: z
      .boolean()
      .openapi({ description: 'Whether it has a provenance file, or a signature of cosign.' }),
    composed: z.boolean(),
    deprecated: z.boolean(),
    preRelease: z.boolean(),
    description: z.string().optional().openapi({ description: 'The first 4,096 characters.' }),
    appVersion: z.string().optional(),
    kubeVersion: z.string().optional(),
    type: z.string(),
    keywords: z.array(z.string()).openapi({ description: 'The first 50.' }),
    icon: z.boolean().openapi({ description: 'Whether Chart.yaml names an icon.' }),
    state: z
      .enum(composedStates)
      .optional()
      .openapi({
        description:
          'Whether a composed version is up to date, by the sources that the reader may read. It follows a ' +
          'change within a few seconds; `outdated` has it as it is now.',
      }),
  })
  .openapi('VersionDetails');

/** Chart as a row of a list. */
export const chartDetails = z
  .object({
    space: z.string(),
    name: z.string(),
    latest: versionDetails,
    versions: z.int(),
    firstCreatedAt: time.openapi({ format: 'date-time', description: 'When its first version was stored.' }),
    updatedAt: time.openapi({
      format: 'date-time',
      description: 'When any of its versions was last stored.',
    }),
  })
  .openapi('ChartDetails');

const annotatedLink = z.object({ name: z.string(), url: z.string() }).openapi('AnnotatedLink');

const annotationLists = z
  .object({
    changes: z.array(
      z.object({ kind: z.string().optional(), description: z.string(), links: z.array(annotatedLink) }),
    ),
    links: z.array(annotatedLink),
    images: z.array(z.string()).openapi({ description: 'References of container images.' }),
    screenshots: z.array(annotatedLink),
  })
  .openapi('AnnotationLists', {
    description:
      'Lists that `artifacthub.io/changes`, `links`, `images` and `screenshots` have, the first 50 entries of ' +
      'each. An entry of another shape is left out, as is an annotation above 64 KiB. Addresses are as the chart ' +
      'has them: check their schemes.',
  });

const declaredFields = z.object({
  provenance: z.boolean().openapi({ description: 'Whether it has a provenance file.' }),
  home: z.string().optional(),
  sources: z.array(z.string()),
  maintainers: z.array(
    z.object({ name: z.string(), email: z.string().optional(), url: z.string().optional() }),
  ),
  annotations: z.record(z.string(), z.string()),
  annotationLists,
  dependencies: z
    .array(
      z.object({
        name: z.string(),
        version: z.string().optional(),
        repository: z.string().optional(),
        alias: z.string().optional(),
        condition: z.string().optional(),
      }),
    )
    .openapi({ description: 'As Chart.yaml declares them, or requirements.yaml where there is one.' }),
});

/** Version as a page about it shows it. */
export const fullVersionDetails = versionDetails
  .extend({ ...declaredFields.shape, ...contentsSummary.shape })
  .openapi('FullVersionDetails');

function listOf<Row extends z.ZodType>(row: Row, name: string) {
  return z.object({ metadata: pageMetadata, items: z.array(row) }).openapi(name);
}

/** Page of spaces. */
export const spaceDetailsList = listOf(spaceDetails, 'SpaceDetailsList');
/** Page of charts. */
export const chartDetailsList = listOf(chartDetails, 'ChartDetailsList');
/** Page of versions. */
export const versionDetailsList = listOf(versionDetails, 'VersionDetailsList');
