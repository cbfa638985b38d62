import { type CursorList, createCursorList } from '../lists/cursor-list.ts';
import { createList, type List } from '../lists/list.ts';
import { encodeSegment } from '../transport/address.ts';
import { jsonBody } from '../transport/call.ts';
import type { CallOptions } from '../transport/options.ts';
import type { Transport } from '../transport/transport.ts';
import type {
  Retention,
  RetentionFilter,
  RetentionPreviewItem,
  RetentionRun,
  ShownRetentionRun,
  WantedRetention,
} from '../types/retention.ts';

/** Retention of a space: rules by which old versions are deleted. */
export interface RetentionClient {
  /** Reads the rules. */
  get(options?: CallOptions): Promise<Retention>;
  /** Sets the rules; those before are replaced. */
  set(wanted: WantedRetention, options?: CallOptions): Promise<Retention>;
  /** Ends the retention: rules no longer delete anything. */
  end(options?: CallOptions): Promise<void>;
  /** Versions with what a run would do now. */
  preview(filter?: RetentionFilter, options?: CallOptions): CursorList<RetentionPreviewItem>;
  /** Runs now, by the rules as they are. @throws {RegistryError} `retention.noRules`, `retention.running` */
  run(options?: CallOptions): Promise<ShownRetentionRun>;
  /** The last 100 runs, the newest first. */
  runs(options?: CallOptions): List<RetentionRun>;
  /** Reads a run by its id. @throws {RegistryError} `retentionRun.notFound` */
  readRun(id: string, options?: CallOptions): Promise<ShownRetentionRun>;
}

/** Creates the client of the retention of a space. */
export function createRetention(transport: Transport, spacePath: string): RetentionClient {
  const path = `${spacePath}/retention`;
  const runs = `${path}/runs`;
  return {
    get: (options) => transport.json({ ...options, path }),
    set: (wanted, options) => transport.json({ ...options, method: 'PUT', path, body: jsonBody(wanted) }),
    end: (options) => transport.done({ ...options, method: 'DELETE', path }),
    preview: (filter, options) =>
      createCursorList(transport, { ...options, path: `${path}/preview`, query: { ...filter } }),
    run: (options) => transport.json({ ...options, method: 'POST', path: runs }),
    runs: (options) => createList(transport, { ...options, path: runs }),
    readRun: (id, options) => transport.json({ ...options, path: `${runs}/${encodeSegment(id)}` }),
  };
}
