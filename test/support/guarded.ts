import type { RegistryRole, SpaceRole, Visibility } from '../../core/access/rights.ts';
import { makeToken } from '../../core/access/tokens.ts';
import type { Config } from '../../core/config/settings.ts';
import type { Database } from '../../core/db/port.ts';
import { createClient, type TestClient } from './client.ts';
import { type RegistryOptions, startRegistry, type TestRegistry } from './registry.ts';

/** Token of a test, and a client that sends it. */
export interface TestToken {
  id: string;
  text: string;
  client: TestClient;
}

/** Bounds of a token. */
export interface TokenBounds {
  role?: SpaceRole;
  spaces?: readonly string[];
  charts?: readonly string[];
  /** Seconds until it expires; negative for one that has expired. Default one hour. */
  seconds?: number;
}

/** Registry with guarded access, and its principals, written into the database directly. */
export interface GuardedRegistry extends TestRegistry {
  /** Client without credentials; so are the methods of the registry itself. */
  anonymous: TestClient;
  /** Client of an admin. */
  admin: TestClient;
  /** Creates a user. @returns its id */
  addUser(name: string, role?: RegistryRole): Promise<string>;
  /** Creates a space. */
  addSpace(name: string, visibility: Visibility): Promise<void>;
  /** Gives a principal a role in a space, or takes it away. */
  setRole(principal: string, space: string, role: SpaceRole | undefined): Promise<void>;
  /** Creates a token of a principal. */
  addToken(principal: string, bounds?: TokenBounds): Promise<TestToken>;
}

/** Starts a registry with guarded access and an admin. */
export async function startGuarded(
  overrides: Partial<Config> = {},
  options: RegistryOptions = {},
): Promise<GuardedRegistry> {
  const registry = await startRegistry({ access: 'guarded', ...overrides }, options);
  const principals = createPrincipals(registry.db, registry.urls);
  const admin = await principals.addUser('root', 'admin');
  const anonymous = createClient(registry.urls);
  return {
    ...registry,
    ...anonymous,
    ...principals,
    anonymous,
    admin: (await principals.addToken(admin)).client,
  };
}

/** Creates the functions that write principals into a database. */
export function createPrincipals(
  db: Database,
  urls: readonly string[],
): Pick<GuardedRegistry, 'addUser' | 'addSpace' | 'setRole' | 'addToken'> {
  return {
    async addUser(name, role) {
      const [row] = await db.query<{ id: string }>(
        "INSERT INTO principals (kind, name, registry_role) VALUES ('user', $1, $2) RETURNING id",
        [name, role ?? null],
      );
      if (!row) throw new Error('the INSERT of a user added no row');
      return row.id;
    },
    async addSpace(name, visibility) {
      await db.query('INSERT INTO spaces (name, visibility) VALUES ($1, $2)', [name, visibility]);
    },
    async setRole(principal, space, role) {
      await db.query(
        'DELETE FROM space_members WHERE principal_id = $1 AND space_id = (SELECT id FROM spaces WHERE name = $2)',
        [principal, space],
      );
      if (role === undefined) return;
      await db.query(
        'INSERT INTO space_members (space_id, principal_id, role) SELECT id, $1, $3 FROM spaces WHERE name = $2',
        [principal, space, role],
      );
    },
    async addToken(principal, { role, spaces, charts, seconds = 3600 } = {}) {
      const { id, text, hash } = makeToken();
      await db.query(
        `INSERT INTO tokens (id, principal_id, name, secret_hash, role, in_spaces, charts, expires_at)
         VALUES ($1, $2, 'test', $3, $4, $5, $6, now() + $7 * interval '1 second')`,
        [id, principal, hash, role ?? null, spaces !== undefined, charts ?? null, seconds],
      );
      await db.query(
        'INSERT INTO token_spaces (token_id, space_id) SELECT $1, id FROM spaces WHERE name = ANY($2)',
        [id, spaces ?? []],
      );
      return { id, text, client: createClient(urls, `Bearer ${text}`) };
    },
  };
}
