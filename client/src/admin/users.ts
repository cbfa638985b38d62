import { createList, type List } from '../lists/list.ts';
import { encodeSegment } from '../transport/address.ts';
import { jsonBody } from '../transport/call.ts';
import type { CallOptions } from '../transport/options.ts';
import type { Transport } from '../transport/transport.ts';
import type { NewUser, User, UserChange } from '../types/access.ts';

/** Users, for admins. */
export interface UsersClient {
  /** Users by name. */
  list(options?: CallOptions): List<User>;
  /** Creates a local user; those of a provider are created by their first log-in. */
  create(wanted: NewUser, options?: CallOptions): Promise<User>;
  get(name: string, options?: CallOptions): Promise<User>;
  change(name: string, change: UserChange, options?: CallOptions): Promise<User>;
  /** Deletes a user with its tokens and roles. */
  delete(name: string, options?: CallOptions): Promise<void>;
}

/** Creates the client of users. */
export function createUsers(transport: Transport): UsersClient {
  const path = '/api/v1/users';
  const pathOf = (name: string) => `${path}/${encodeSegment(name)}`;
  return {
    list: (options) => createList(transport, { ...options, path }),
    create: (wanted, options) => transport.json({ ...options, method: 'POST', path, body: jsonBody(wanted) }),
    get: (name, options) => transport.json({ ...options, path: pathOf(name) }),
    change: (name, change, options) =>
      transport.json({ ...options, method: 'PATCH', path: pathOf(name), body: jsonBody(change) }),
    delete: (name, options) => transport.done({ ...options, method: 'DELETE', path: pathOf(name) }),
  };
}
