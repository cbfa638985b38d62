import type { AuditFilter } from '@helm-registry/client';
import { createQuery } from './query.ts';
import { registry } from './registry.ts';

/** Events of the audit, the newest first. */
export const auditQuery = createQuery(
  ({ filter, cursor, limit }: { filter: AuditFilter; cursor?: string; limit: number }, signal) =>
    registry.audit.list(filter).page({ limit, signal, ...(cursor === undefined ? {} : { cursor }) }),
);
