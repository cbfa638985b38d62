import { createList, type List } from '../lists/list.ts';
import { encodeSegment } from '../transport/address.ts';
import { jsonBody } from '../transport/call.ts';
import type { CallOptions } from '../transport/options.ts';
import type { Transport } from '../transport/transport.ts';
import type { Group, GroupMember, RegistryRole } from '../types/access.ts';

/** Groups of users, for admins. */
export interface GroupsClient {
  /** Groups by name. */
  list(options?: CallOptions): List<Group>;
  create(name: string, role?: RegistryRole | null, options?: CallOptions): Promise<Group>;
  get(name: string, options?: CallOptions): Promise<Group>;
  /** Sets the role of a group in the registry; null takes it away. */
  setRole(name: string, role: RegistryRole | null, options?: CallOptions): Promise<Group>;
  /** Deletes a group with its roles; its users stay. */
  delete(name: string, options?: CallOptions): Promise<void>;
  /** Members of a group by name. */
  members(name: string, options?: CallOptions): List<GroupMember>;
  addMember(name: string, user: string, options?: CallOptions): Promise<GroupMember>;
  removeMember(name: string, user: string, options?: CallOptions): Promise<void>;
}

/** Creates the client of groups. */
export function createGroups(transport: Transport): GroupsClient {
  const path = '/api/v1/groups';
  const pathOf = (name: string) => `${path}/${encodeSegment(name)}`;
  const memberOf = (name: string, user: string) => `${pathOf(name)}/members/${encodeSegment(user)}`;
  return {
    list: (options) => createList(transport, { ...options, path }),
    create: (name, role, options) =>
      transport.json({ ...options, method: 'POST', path, body: jsonBody({ name, role }) }),
    get: (name, options) => transport.json({ ...options, path: pathOf(name) }),
    setRole: (name, role, options) =>
      transport.json({ ...options, method: 'PATCH', path: pathOf(name), body: jsonBody({ role }) }),
    delete: (name, options) => transport.done({ ...options, method: 'DELETE', path: pathOf(name) }),
    members: (name, options) => createList(transport, { ...options, path: `${pathOf(name)}/members` }),
    addMember: (name, user, options) =>
      transport.json({ ...options, method: 'PUT', path: memberOf(name, user) }),
    removeMember: (name, user, options) =>
      transport.done({ ...options, method: 'DELETE', path: memberOf(name, user) }),
  };
}
