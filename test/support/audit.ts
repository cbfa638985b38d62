import type { z } from 'zod';
import { auditList } from '../../api/audit-schemas.ts';
import type { TestClient } from './client.ts';

/** Event of the audit, as clients see it. */
export type AuditedEvent = z.output<typeof auditList>['items'][number];

/** Reads one page of events, by a client that may. Each is checked by the schema of `/openapi.json`. */
export async function eventsOf(client: TestClient, query = ''): Promise<AuditedEvent[]> {
  const response = await client.api(`/audit?limit=1000&${query}`);
  if (response.status !== 200) throw new Error(`the audit answered ${response.status}`);
  return auditList.parse(await response.json()).items;
}

/** Creates a reader of the events since its last call, the oldest first. */
export function createFollower(client: TestClient): () => Promise<AuditedEvent[]> {
  let last = 0;
  return async () => {
    const events = (await eventsOf(client)).filter(({ id }) => Number(id) > last).reverse();
    last = Math.max(last, ...events.map(({ id }) => Number(id)));
    return events;
  };
}
