import { z } from '@hono/zod-openapi';
import { auditActions, auditOutcomes } from '../core/audit/actions.ts';

// Schemas of the audit for `/openapi.json`, as `core/audit/view.ts` renders its events.

/** Time in a query, with its offset. */
export const time = z.iso.datetime({
  offset: true,
  error: 'expected a time such as 2026-01-31T08:00:00Z',
});

const event = z
  .object({
    id: z.string(),
    time: z.string().openapi({ description: 'By the clock of the database.' }),
    principal: z
      .object({
        kind: z.enum(['user', 'account', 'anonymous', 'system']),
        id: z.string().optional(),
        name: z.string().optional(),
        credential: z.string().optional(),
        token: z.object({ id: z.string(), name: z.string().optional() }).optional(),
      })
      .openapi({ description: 'Actor, with the name that it had at that time.' }),
    action: z.enum(auditActions),
    right: z.string().optional(),
    outcome: z
      .enum(auditOutcomes)
      .openapi({ description: '`denied` for want of a right, `failed` for another reason.' }),
    space: z.string().optional(),
    chart: z.string().optional(),
    version: z.string().optional(),
    digests: z.object({ before: z.string().optional(), after: z.string().optional() }).optional(),
    door: z.enum(['api', 'repository', 'chartmuseum', 'oci', 'cli', 'worker']),
    address: z.string().optional(),
    agent: z.string().optional(),
    request: z.string().optional(),
    job: z.string().optional(),
    times: z.int().openapi({ description: 'Over 1 for equal refusals of one minute.' }),
    details: z.looseObject({}).optional(),
  })
  .openapi('AuditEvent');

/** Page of events. */
export const auditList = z
  .object({ metadata: z.object({ itemsLength: z.int() }), items: z.array(event) })
  .openapi('AuditEventList');
