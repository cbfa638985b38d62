import { type CursorList, createCursorList } from '../lists/cursor-list.ts';
import { encodeSegment } from '../transport/address.ts';
import type { CallOptions } from '../transport/options.ts';
import type { Transport } from '../transport/transport.ts';
import type { ComposedState, OutdatedFilter } from '../types/outdated.ts';

/** Makes the list of composed versions of a space, or of all. Each tells whether it is up to date. */
export function listOutdated(
  transport: Transport,
  { space, ...query }: OutdatedFilter = {},
  options?: CallOptions,
): CursorList<ComposedState> {
  const place = space === undefined ? '' : `/spaces/${encodeSegment(space)}`;
  return createCursorList(transport, { ...options, path: `/api/v1${place}/outdated`, query });
}
