import { z } from '@hono/zod-openapi';
import type { Context as HonoContext } from 'hono';
import { auditActions, auditOutcomes } from '../../core/audit/actions.ts';
import type { AuditFilter } from '../../core/audit/conditions.ts';
import { readAuditCursor, writeAuditCursor } from '../../core/audit/cursor.ts';
import { exportAudit } from '../../core/audit/export.ts';
import { listAudit } from '../../core/audit/read.ts';
import { boundToReadable } from '../../core/audit/readable-events.ts';
import type { Context } from '../../core/context.ts';
import { actorOf } from '../access/route-access.ts';
import { auditList, time } from '../audit-schemas.ts';
import type { App, Env } from '../http/env.ts';
import { mountRoute, noInput } from '../http/mount-routes.ts';
import { chooseFormat } from '../http/negotiate.ts';
import { linkNext } from '../http/next-page.ts';
import { sendStream } from '../http/send-blob.ts';
import { sendJson } from '../http/send-text.ts';
import { textContent } from '../openapi/contents.ts';
import { describeErrors, pageQuery } from '../schemas.ts';

const auditListQuery = pageQuery.omit({ start: true }).extend({
  cursor: z.string().optional().openapi({ description: 'Place in the list, from the `Link` of a page.' }),
  space: z.string().optional().openapi({ description: 'The only space; owners of it may read its events.' }),
  chart: z.string().optional(),
  principal: z.string().optional().openapi({ description: 'Name of a user or service account.' }),
  action: z.enum(auditActions, 'there is no such action').optional(),
  outcome: z.enum(auditOutcomes, `expected one of ${auditOutcomes.join(', ')}`).optional(),
  since: time.optional().openapi({ description: 'Earliest time.' }),
  until: time.optional().openapi({ description: 'Time before which the events were.' }),
});

/** Largest number of events on a page, and the number without `limit`. */
const maxItems = 1_000;
const defaultItems = 100;

const ndjson = 'application/x-ndjson';

/** Mounts the route of the audit. */
export function mountAudit(app: App, context: Context): void {
  mountRoute(
    app,
    {
      method: 'get',
      path: '/api/v1/audit',
      access: { right: 'audit.read', checkedBy: 'handler' },
      tags: ['Audit'],
      operationId: 'listAuditEvents',
      summary: 'List who did what, or was refused it, the newest first',
      description:
        'For auditors and admins; for owners of a space with `space`. Nothing is recorded in a registry with open access. ' +
        'The `Link` header leads to the next page: a page may be short, or empty, and have one. Pages that follow each ' +
        'other have each event that was there at the first of them exactly once. With ' +
        `\`Accept: ${ndjson}\` all events come in one response, a line of JSON each, and \`limit\` and \`cursor\` do not count.`,
      request: { params: noInput, query: auditListQuery },
      responses: {
        200: {
          description: 'Events.',
          content: { 'application/json': { schema: auditList }, ...textContent(ndjson) },
        },
        ...describeErrors(400, 401, 403, 404),
      },
    },
    async (c, { query: { limit = defaultItems, cursor, ...filter } }) => {
      // Events of requests that this process has answered are there.
      await context.audit.finish();
      return chooseFormat(c, ['ndjson', '/json'], '/json') === 'ndjson'
        ? sendExport(c, context, filter)
        : sendPage(c, context, filter, { limit: Math.min(Math.max(limit, 1), maxItems), cursor });
    },
  );
}

async function sendPage(
  c: HonoContext<Env>,
  { registry: { db }, inFlight }: Context,
  filter: AuditFilter,
  { limit, cursor }: { limit: number; cursor: string | undefined },
): Promise<Response> {
  const after = cursor === undefined ? undefined : readAuditCursor(cursor);
  const readable = await boundToReadable(db, actorOf(c), filter);
  const { items, next } = await inFlight.make(
    '',
    () => listAudit(db, readable, { limit, after }),
    c.env?.outgoing,
  );
  if (next) c.header('Link', linkNext(c, { cursor: writeAuditCursor(next) }));
  return sendJson(c, { metadata: { itemsLength: items.length }, items });
}

async function sendExport(
  c: HonoContext<Env>,
  { registry: { db } }: Context,
  filter: AuditFilter,
): Promise<Response> {
  const actor = actorOf(c);
  const stream = exportAudit(db, () => boundToReadable(db, actor, filter));
  return sendStream(c, stream, 200, { 'Content-Type': ndjson });
}
