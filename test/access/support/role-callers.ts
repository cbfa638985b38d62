import type { RouteAccess } from '../../../api/access/route-access.ts';
import { type RegistryRole, registryRoles, type SpaceRole, spaceRoles } from '../../../core/access/rights.ts';
import { beginSession } from '../../../core/access/sessions.ts';
import type { Database } from '../../../core/db/port.ts';
import { createClient, type TestClient } from '../../support/client.ts';
import type { EmbeddedRegistry } from '../../support/embedded.ts';
import { createPrincipals } from '../../support/guarded.ts';
import { createBrowser } from './callers.ts';
import { registryRolesOf, rolesOf } from './expected.ts';

/** Name of a caller: its only role, `user` for one without any, `session` for that one in a browser, or `nobody`. */
export type RoleCallerName = SpaceRole | RegistryRole | 'user' | 'session' | 'nobody';

/** Caller with one role, and how events name it. */
export interface RoleCaller {
  client: TestClient;
  named: { kind: 'user' | 'anonymous'; name?: string; credential?: string; token?: { id: string } };
}

/** Callers of a write: who has the least role for it, and who are refused. */
export interface WriteCallers {
  by: RoleCallerName;
  refused: readonly RoleCallerName[];
}

/** Creates a caller for each role, and the callers without one. */
export async function addRoleCallers({
  db,
  url,
  urls,
}: Pick<EmbeddedRegistry, 'db' | 'url' | 'urls'>): Promise<Map<RoleCallerName, RoleCaller>> {
  const principals = createPrincipals(db, urls);
  const callers = new Map<RoleCallerName, RoleCaller>();
  for (const name of [...spaceRoles, ...registryRoles, 'user'] as const) {
    const id = await principals.addUser(
      name,
      registryRoles.find((role) => role === name),
    );
    const token = await principals.addToken(id);
    const named = { kind: 'user', name, credential: 'token', token: { id: token.id } } as const;
    callers.set(name, { client: token.client, named });
    if (name !== 'user') continue;
    const session = await beginSession(db, id, 3600);
    const headers = { Cookie: `helm-registry=${session?.secret}`, Origin: url };
    const client = createBrowser(createClient(urls), headers);
    callers.set('session', { client, named: { kind: 'user', name, credential: 'session' } });
  }
  callers.set('nobody', { client: createClient(urls), named: { kind: 'anonymous' } });
  return callers;
}

/** Gives the callers their roles in every space that there is. */
export async function grantSpaceRoles(db: Database): Promise<void> {
  await db.query(
    `INSERT INTO space_members (space_id, principal_id, role)
     SELECT s.id, p.id, p.name::space_role FROM spaces s, principals p WHERE p.kind = 'user' AND p.name = ANY($1)
     ON CONFLICT DO NOTHING`,
    [spaceRoles],
  );
}

/** Returns the callers of a write that needs a right. Refused are the next lower role, and those of the registry. */
export function callersForRight(right: string): WriteCallers {
  const least = rolesOf[right]?.[0];
  if (least !== undefined) {
    const lower: RoleCallerName = spaceRoles[spaceRoles.indexOf(least) - 1] ?? 'user';
    return { by: least, refused: [lower, 'auditor'] };
  }
  const [by] = registryRolesOf[right] ?? [];
  if (by === undefined) throw new Error(`no role has the right ${right}`);
  const others = registryRoles.filter((role) => registryRolesOf[right]?.includes(role) !== true);
  return { by, refused: [...others, 'owner', 'user'] };
}

/** Returns the callers of a write to a route as it is declared. */
export function callersForRoute(access: RouteAccess): WriteCallers {
  if ('right' in access) return callersForRight(access.right);
  if ('registryRight' in access) return callersForRight(access.registryRight);
  return 'known' in access ? { by: 'user', refused: ['nobody'] } : { by: 'nobody', refused: [] };
}
