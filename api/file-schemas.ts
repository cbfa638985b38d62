import { z } from '@hono/zod-openapi';
import { fileKinds, templateRoles } from '../core/chart/contents/contents.ts';
import { pageMetadata, pageQuery, values, versionParams } from './schemas.ts';

// Schemas of the files of a version, and of the origins of its values, for `/openapi.json`.

/** Path parameters of a file. */
export const fileParams = versionParams.extend({
  path: z.string().openapi({ description: 'Path of the file as the list has it; slashes stay slashes.' }),
});

/** Query of a list of files. */
export const fileQuery = pageQuery.extend({
  kind: z
    .enum(fileKinds, `expected one of ${fileKinds.join(', ')}`)
    .optional()
    .openapi({ description: 'The only kind to list.' }),
  path: z.string().optional().openapi({
    description: 'Start of the paths to list, such as `templates/` or `charts/redis/`.',
  }),
});

/** File of a version. */
export const chartFile = z
  .object({
    path: z.string().openapi({
      description: "Below the chart's folder. Files of charts inside are in `charts/NAME/`, packed or not.",
    }),
    size: z.int().openapi({ description: 'Bytes.' }),
    kind: z.enum(fileKinds).openapi({
      description: "By Helm's rules, in charts inside too. `subchart` is a packed archive in `charts/`.",
    }),
    use: z.enum(templateRoles).optional().openapi({
      description: 'Use of a template: NOTES.txt, a partial, or a test in `templates/tests/`.',
    }),
    binary: z.boolean().openapi({ description: 'Whether it is anything but text in UTF-8.' }),
  })
  .openapi('ChartFile');

/** Page of files. */
export const chartFileList = z
  .object({ metadata: pageMetadata, items: z.array(chartFile) })
  .openapi('ChartFileList');

/** Counts and main files of a version, as its details have them. */
export const contentsSummary = z.object({
  files: z
    .object({
      readme: z.string().optional(),
      values: z.string().optional(),
      schema: z.string().optional(),
      license: z.string().optional(),
      changelog: z.string().optional(),
    })
    .openapi({ description: "Paths of the chart's own files." }),
  counts: z
    .object({ templates: z.int(), crds: z.int(), files: z.int(), subcharts: z.int() })
    .openapi({ description: 'With those of charts inside, at any depth.' }),
});

/** Query of values. */
export const valuesQuery = z.object({
  origin: z
    .enum(['true', 'false'], 'expected true or false')
    .optional()
    .openapi({ type: 'boolean', default: false, description: 'Adds the chart and file that set each key.' }),
});

const valueOrigin = z
  .object({
    pointer: z.string().openapi({ description: 'Place of the value among the values (RFC 6901).' }),
    chart: z.string().openapi({
      description: 'Folder of the chart that set it, `charts/NAME`; empty for the chart itself.',
    }),
    file: z.string().openapi({ description: 'Path of the file.' }),
    at: z.string().openapi({ description: 'Place of the value in the file (RFC 6901).' }),
    line: z
      .int()
      .optional()
      .openapi({ description: 'Line of its key from 1 on; behind an alias, the line that repeats it.' }),
  })
  .openapi('ValueOrigin');

/** Values with the origin of each scalar, list and empty map. */
export const valueOrigins = z
  .object({
    values,
    origins: z.array(valueOrigin).openapi({
      description: 'In the order of the values. What no file set, such as an empty section, has none.',
    }),
    truncated: z.boolean().openapi({ description: 'Whether origins are left out for their number.' }),
    majors: z.string().optional().openapi({
      description:
        'Sentence that names the values which Helm 3 computes otherwise; absent where there are none.',
    }),
  })
  .openapi('ValueOrigins');
