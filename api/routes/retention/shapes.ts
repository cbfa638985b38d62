import { z } from '@hono/zod-openapi';
import { retentionLimits } from '../../../core/retention/rules.ts';
import { retentionRunStates } from '../../../core/retention/run-row.ts';
import { retentionReasons } from '../../../core/retention/verdict.ts';
import { errorShape, spaceParams } from '../../schemas.ts';
import { pageSchemaOf } from '../admin/admin-route.ts';

// Schemas of retention for `/openapi.json`. Bodies are parsed by core, which tells the nearest key of a misspelt one.

const days = (description: string) =>
  z.int().min(1).max(retentionLimits.days).optional().openapi({ description });

const keepCriteria = z
  .strictObject({
    last: z.int().min(1).max(retentionLimits.last).optional().openapi({
      description:
        'Number of the highest releases, and of the highest pre-releases, which are counted apart.',
    }),
    range: z.string().optional().openapi({
      description: 'Range of versions, as Helm reads it. Pre-releases are in it only if it names one.',
      example: '>=2.0.0',
    }),
    prereleaseDays: days('Days for which a pre-release stays after it was stored.'),
    pulledDays: days('Days for which a version stays after its last download.'),
    newerDays: days('Days for which a version stays after it was stored.'),
  })
  .openapi('RetentionKeep', {
    description: 'A version stays if it meets any criterion. At least one is needed.',
    example: { last: 5, newerDays: 90 },
  });

const rule = z
  .strictObject({
    charts: z.array(z.string()).openapi({
      description: 'Globs, of which the name of the chart must match one.',
      example: ['*'],
    }),
    keep: keepCriteria,
  })
  .openapi('RetentionRule');

const rules = z.array(rule).max(retentionLimits.rules).openapi({
  description: 'The first rule that fits a chart decides. Versions of charts that none fits stay.',
});
const mostDeleted = z.int().min(1).max(retentionLimits.mostDeleted);

/** Body that sets the retention of a space. */
export const retentionBody = z
  .strictObject({
    rules,
    mostDeleted: mostDeleted.optional().openapi({
      description: 'Versions that one run may delete; 1000 if absent. A run that finds more deletes none.',
    }),
    scheduled: z.boolean().optional().openapi({
      description: 'Whether runs are opened by the schedule, and not by requests alone; so by default.',
    }),
  })
  .openapi('RetentionRequest');

const time = z.iso.datetime();

/** Retention of a space. */
export const retentionShape = z
  .object({
    rules,
    mostDeleted,
    scheduled: z.boolean(),
    changedAt: time.nullable().openapi({ description: 'Null where nobody has set rules.' }),
    nextRunAt: time.nullable().openapi({ description: 'Null where the schedule opens no run.' }),
  })
  .openapi('Retention');

/** Version with what a run would do with it. */
const previewItem = z
  .object({
    chart: z.string(),
    version: z.string(),
    action: z.enum(['keep', 'delete']),
    rule: z
      .int()
      .nullable()
      .openapi({ description: 'Number of the rule that fits the chart, from 1; null where none does.' }),
    reason: z.enum(retentionReasons).openapi({
      description:
        'Reason for which the version stays: a criterion of the rule, or what holds whatever the rules say. `unkept` for one that goes.',
    }),
    message: z.string(),
    size: z.int().openapi({ description: 'Bytes of the archive.' }),
    storedAt: time,
    pulledOn: z.iso.date().nullable().openapi({ description: 'Day of the last download that is recorded.' }),
  })
  .openapi('RetentionPreviewItem');

/** Page of a preview. */
export const previewList = z
  .object({ metadata: z.object({ itemsLength: z.int() }), items: z.array(previewItem) })
  .openapi('RetentionPreview');

const runFields = z.object({
  id: z.uuid(),
  state: z.enum(retentionRunStates).openapi({
    description: 'A run that is `halted` has deleted less than it found, as `error` says.',
  }),
  openedBy: z.enum(['schedule', 'request']),
  principal: z
    .string()
    .nullable()
    .openapi({ description: 'Principal that asked for it; null where none is known.' }),
  startedAt: time,
  finishedAt: time.nullable(),
  examined: z.int().openapi({ description: 'Versions that were examined.' }),
  due: z.int().openapi({ description: 'Versions that were found to go.' }),
  deleted: z.int(),
  bytes: z.int().openapi({ description: 'Bytes of the archives of deleted versions.' }),
  mostDeleted,
  error: errorShape.optional(),
});
/** Page of runs. */
export const runList = pageSchemaOf(runFields.openapi('RetentionRun'), 'RetentionRunList');
/** Run with the rules that it applies. */
export const shownRun = runFields.extend({ rules }).openapi('ShownRetentionRun');
/** Path parameters of a run. */
export const runParams = spaceParams.extend({ run: z.string() });
