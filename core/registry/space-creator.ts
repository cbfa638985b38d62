import type { Actor } from '../access/actor.ts';
import { may, mayInRegistry, noGrants, type Subject } from '../access/decide.ts';
import { selectGrants } from '../access/grants.ts';
import type { Narrowing } from '../access/principal.ts';
import type { SpaceRight, Visibility } from '../access/rights.ts';
import type { Queryable, Transaction } from '../db/port.ts';
import { RegistryError } from '../errors.ts';

/**
 * Checks in the transaction that creates a space that the actor may do that: a right that was there before the space
 * was deleted is no right to make it anew.
 * @returns id of the principal who becomes owner; undefined for the registry itself, and where access is open
 * @throws {RegistryError} `access.denied`
 */
export async function checkSpaceCreator(
  tx: Transaction,
  actor: Actor,
  space: string,
): Promise<string | undefined> {
  const subject = await readSubject(tx, actor);
  if (!subject) return undefined;
  if (!mayInRegistry(subject, 'space.create')) throw refuse(space, 'space.create');
  return subject.caller.kind === 'principal' ? subject.caller.principal.id : undefined;
}

/** Makes a principal the first owner of a space. */
export async function insertOwner(tx: Transaction, spaceId: number, owner: string): Promise<void> {
  await tx.query("INSERT INTO space_members (space_id, principal_id, role) VALUES ($1, $2, 'owner')", [
    spaceId,
    owner,
  ]);
}

/**
 * Checks that an upload may publish into a space that somebody else has created at the same moment.
 * @throws {RegistryError} `access.denied`
 */
export async function checkMayShare(tx: Transaction, actor: Actor, space: string): Promise<void> {
  const subject = await readSubject(tx, actor);
  if (!subject) return;
  const [found] = await tx.query<{ id: number; visibility: Visibility }>(
    'SELECT id, visibility FROM spaces WHERE name = $1',
    [space],
  );
  const { caller } = subject;
  const charts = caller.kind === 'principal' && caller.narrowing?.charts !== undefined;
  if (!found || charts || !may(subject, 'chart.publish', found)) throw refuse(space, 'chart.publish');
}

/** Reads the rights of an actor in a transaction; undefined where nothing is checked. */
async function readSubject(db: Queryable, actor: Actor): Promise<Subject | undefined> {
  if (!actor.guarded) return undefined;
  const caller = await actor.caller();
  if (caller.kind !== 'principal') return { caller, grants: noGrants };
  const grants = await selectGrants(db, caller.principal.id);
  const narrowing = caller.narrowing ?? (await readNarrowing(db, caller.tokenId));
  return { caller: narrowing ? { ...caller, narrowing } : caller, grants: grants ?? noGrants };
}

/** Reads the bounds of a token; the narrowest ones for a token that is no longer valid. */
async function readNarrowing(db: Queryable, tokenId: string | undefined): Promise<Narrowing | undefined> {
  if (tokenId === undefined) return undefined;
  const [row] = await db.query<{ isNarrowed: boolean }>(
    `SELECT role IS NOT NULL OR in_spaces OR charts IS NOT NULL AS "isNarrowed"
       FROM tokens WHERE id = $1 AND revoked_at IS NULL AND expires_at > now()`,
    [tokenId],
  );
  return row && !row.isNarrowed ? undefined : { spaceIds: new Set() };
}

function refuse(space: string, right: SpaceRight | 'space.create'): RegistryError {
  return new RegistryError(
    'access.denied',
    `You may not do this in space ${space}, or it does not exist. Ask an owner of the space, or an admin.`,
    { right },
  );
}
