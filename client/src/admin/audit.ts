import { type CursorList, createCursorList } from '../lists/cursor-list.ts';
import { type Download, download } from '../transport/download.ts';
import type { CallOptions } from '../transport/options.ts';
import type { Transport } from '../transport/transport.ts';
import type { AuditEvent, AuditFilter } from '../types/audit.ts';

/** Audit of the registry: for auditors and admins, with `space` for its owners. */
export interface AuditClient {
  /** Events, the newest first. */
  list(filter?: AuditFilter, options?: CallOptions): CursorList<AuditEvent>;
  /** Downloads all events in one response, a line of JSON each. */
  export(filter?: AuditFilter, options?: CallOptions): Promise<Download>;
}

/** Creates the client of the audit. */
export function createAudit(transport: Transport): AuditClient {
  const path = '/api/v1/audit';
  return {
    list: (filter, options) => createCursorList(transport, { ...options, path, query: { ...filter } }),
    export: (filter, options) =>
      download(transport, {
        ...options,
        path,
        query: { ...filter },
        headers: { Accept: 'application/x-ndjson' },
      }),
  };
}
