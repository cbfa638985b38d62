import { roleInSpace } from '../decide.ts';
import type { Credential, Narrowing } from '../principal.ts';
import type { RegistryRole, SpaceRole, Visibility } from '../rights.ts';
import type { AdminDeps } from './admin.ts';
import { readTokenView } from './token-view.ts';

/** Caller as it sees itself. */
export type WhoAmI =
  /** Nobody has said who it is; and everybody, in an open registry. */
  | { kind: 'anonymous' | 'open' }
  | {
      kind: 'user' | 'account';
      name: string;
      credential: Credential;
      /** Roles in the registry, none of which a narrowed credential has. */
      registryRoles: readonly RegistryRole[];
      /** Roles in spaces that it has by itself or by a group, within the bounds of the credential. */
      spaces: readonly { space: string; role: SpaceRole }[];
      /** Bounds of the credential; null for none. */
      bounds: { role: SpaceRole | null; spaces: string[] | null; charts: readonly string[] | null } | null;
      /** Token that was used. */
      token: { id: string; name: string; expiresAt: Date } | null;
    };

/** Largest number of spaces that are listed. */
const maxListedSpaces = 1_000;

/** Tells who the caller is, and what it may do. @throws {RegistryError} `access.unauthenticated` for wrong credentials */
export async function whoAmI({ db, actor }: AdminDeps): Promise<WhoAmI> {
  const subject = await actor.subject();
  const { caller, grants } = subject;
  if (caller.kind !== 'principal') return { kind: caller.kind === 'anonymous' ? 'anonymous' : 'open' };
  const { principal, credential, narrowing, tokenId } = caller;
  const ids = [...new Set([...grants.spaceRoles.keys(), ...(narrowing?.spaceIds ?? [])])];
  const [rows, token] = await Promise.all([
    db.query<{ id: number; name: string; visibility: Visibility }>(
      'SELECT id, name, visibility FROM spaces WHERE id = ANY($1) ORDER BY name LIMIT $2',
      [ids, maxListedSpaces],
    ),
    tokenId === undefined ? undefined : readTokenView(db, tokenId),
  ]);
  const spaces = rows.flatMap((space) => {
    const role = grants.spaceRoles.has(space.id) ? roleInSpace(subject, space) : undefined;
    return role === undefined ? [] : [{ space: space.name, role }];
  });
  return {
    kind: principal.kind,
    name: principal.name,
    credential,
    registryRoles: narrowing ? [] : grants.registryRoles,
    spaces,
    bounds: narrowing ? describeBounds(narrowing, rows) : null,
    token: token ? { id: token.id, name: token.name, expiresAt: token.expiresAt } : null,
  };
}

function describeBounds(
  { role, spaceIds, charts }: Narrowing,
  spaces: readonly { id: number; name: string }[],
) {
  const names = spaces.flatMap(({ id, name }) => (spaceIds?.has(id) ? [name] : []));
  return { role: role ?? null, spaces: spaceIds ? names : null, charts: charts ?? null };
}
