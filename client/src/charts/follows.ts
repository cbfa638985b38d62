import { type CursorList, createCursorList } from '../lists/cursor-list.ts';
import { encodeSegment } from '../transport/address.ts';
import type { CallOptions } from '../transport/options.ts';
import type { Transport } from '../transport/transport.ts';
import type { FollowFilter, ListedFollow } from '../types/follows.ts';

/** Makes the list of follows of a space, or of all. Those that have failed come first. */
export function listFollows(
  transport: Transport,
  { space, ...query }: FollowFilter = {},
  options?: CallOptions,
): CursorList<ListedFollow> {
  const place = space === undefined ? '' : `/spaces/${encodeSegment(space)}`;
  return createCursorList(transport, { ...options, path: `/api/v1${place}/follows`, query });
}
