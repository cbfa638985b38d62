import { createToken } from '../../core/access/admin/create-token.ts';
import { parsePrincipalName } from '../../core/access/admin/names.ts';
import { rotateToken } from '../../core/access/admin/rotate-token.ts';
import type { TokenOwnerRef } from '../../core/access/admin/token-owner.ts';
import { listAllTokens, listTokens, revokeToken } from '../../core/access/admin/tokens.ts';
import type { SpaceRole } from '../../core/access/rights.ts';
import { RegistryError } from '../../core/errors.ts';
import { type AccessOptions, print, printTable, unlimitedPaging, withAccess } from './with-access.ts';

/** Options of `token create`. */
export interface CreateTokenOptions extends AccessOptions {
  name: string;
  role?: SpaceRole;
  space?: string[];
  chart?: string[];
  days?: number;
}

/** Runs `helm-registry token create`. The token alone goes to standard output, so that a script can keep it. */
export function runTokenCreate(owner: string, options: CreateTokenOptions): Promise<void> {
  const { name, role, space: spaces, chart: charts, days: expiresInDays } = options;
  return withAccess('token create', options, async (deps) => {
    const created = await createToken(deps, readOwner(owner), { name, role, spaces, charts, expiresInDays });
    process.stderr.write(
      `created token ${created.id} of ${created.owner}, until ${created.expiresAt.toISOString()}; it is shown this once:\n`,
    );
    print(created.token);
  });
}

/** Runs `helm-registry token rotate`. */
export function runTokenRotate(
  id: string,
  options: AccessOptions & { days?: number; overlapHours?: number },
): Promise<void> {
  return withAccess('token rotate', options, async (deps) => {
    const rotated = await rotateToken(deps, id, {
      expiresInDays: options.days,
      overlapHours: options.overlapHours,
    });
    const until = rotated.previousUntil?.toISOString();
    process.stderr.write(
      `gave token ${id} a new secret; the one before ${until === undefined ? 'has ended' : `is accepted until ${until}`}:\n`,
    );
    print(rotated.token);
  });
}

/** Runs `helm-registry token revoke`. */
export function runTokenRevoke(id: string, options: AccessOptions): Promise<void> {
  return withAccess('token revoke', options, async (deps) => {
    await revokeToken(deps, id);
    print(`revoked token ${id}`);
  });
}

/** Options of `token list`. */
export interface ListTokensOptions extends AccessOptions {
  /** Days within which the listed tokens expire; absent for all tokens, ended ones included. */
  expiresWithin?: number;
}

/** Runs `helm-registry token list`, for an owner or for everybody. */
export function runTokenList(owner: string | undefined, options: ListTokensOptions): Promise<void> {
  const filter = { expiresWithin: options.expiresWithin };
  return withAccess('token list', options, async (deps) => {
    const { items } =
      owner === undefined
        ? await listAllTokens(deps, filter, unlimitedPaging)
        : await listTokens(deps, readOwner(owner), filter, unlimitedPaging);
    printTable(
      ['ID', 'OWNER', 'NAME', 'STATE', 'ROLE', 'SPACES', 'EXPIRES', 'LAST USED'],
      items.map(({ id, owner, name, state, role, spaces, expiresAt, lastUsedAt }) => [
        ...[id, owner, name, state, role, spaces?.join(',') ?? null],
        ...[expiresAt.toISOString(), lastUsedAt?.toISOString() ?? null],
      ]),
    );
  });
}

/** Reads the owner of tokens: `user:NAME`, `account:NAME` or `account:SPACE/NAME`. @throws {RegistryError} */
function readOwner(text: string): TokenOwnerRef {
  const { kind, name, space } = parsePrincipalName(text);
  if (kind === 'group')
    throw new RegistryError('name.invalid', 'Groups have no tokens: name a user or a service account.');
  return kind === 'user' ? { kind, name } : { kind, name, space };
}
