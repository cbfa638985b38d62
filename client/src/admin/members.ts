import { createList, type List } from '../lists/list.ts';
import { encodeSegment } from '../transport/address.ts';
import { jsonBody } from '../transport/call.ts';
import type { CallOptions } from '../transport/options.ts';
import type { Transport } from '../transport/transport.ts';
import type { Member } from '../types/access.ts';
import type { SpaceRole } from '../types/charts.ts';

/** Members of a space. Principals are written `user:NAME`, `group:NAME`, `account:NAME`, `account:SPACE/NAME`. */
export interface MembersClient {
  /** Members by kind and name. */
  list(options?: CallOptions): List<Member>;
  /** Gives somebody a role, in place of the former one. */
  set(principal: string, role: SpaceRole, options?: CallOptions): Promise<Member>;
  /** Takes the role of a member away. */
  remove(principal: string, options?: CallOptions): Promise<void>;
}

/** Creates the client of the members of a space. */
export function createMembers(transport: Transport, spacePath: string): MembersClient {
  const path = `${spacePath}/members`;
  const pathOf = (principal: string) => `${path}/${encodeSegment(principal)}`;
  return {
    list: (options) => createList(transport, { ...options, path }),
    set: (principal, role, options) =>
      transport.json({ ...options, method: 'PUT', path: pathOf(principal), body: jsonBody({ role }) }),
    remove: (principal, options) => transport.done({ ...options, method: 'DELETE', path: pathOf(principal) }),
  };
}
