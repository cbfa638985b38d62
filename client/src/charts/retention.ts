import { type CursorList, createCursorList } from '../lists/cursor-list.ts';
import { jsonBody } from '../transport/call.ts';
import type { CallOptions } from '../transport/options.ts';
import type { Transport } from '../transport/transport.ts';
import type {
  Retention,
  RetentionFilter,
  RetentionPreviewItem,
  WantedRetention,
} from '../types/retention.ts';

/** Retention of a space: rules by which old versions are deleted. */
export interface RetentionClient {
  /** Reads the rules. */
  get(options?: CallOptions): Promise<Retention>;
  /** Sets the rules; those before are replaced. */
  set(wanted: WantedRetention, options?: CallOptions): Promise<Retention>;
  /** Ends the retention: nothing is deleted by rules any more. */
  end(options?: CallOptions): Promise<void>;
  /** Versions with what a run would do now. */
  preview(filter?: RetentionFilter, options?: CallOptions): CursorList<RetentionPreviewItem>;
}

/** Creates the client of the retention of a space. */
export function createRetention(transport: Transport, spacePath: string): RetentionClient {
  const path = `${spacePath}/retention`;
  return {
    get: (options) => transport.json({ ...options, path }),
    set: (wanted, options) => transport.json({ ...options, method: 'PUT', path, body: jsonBody(wanted) }),
    end: (options) => transport.done({ ...options, method: 'DELETE', path }),
    preview: (filter, options) =>
      createCursorList(transport, { ...options, path: `${path}/preview`, query: { ...filter } }),
  };
}
