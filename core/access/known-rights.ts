import type { Queryable } from '../db/port.ts';
import type { SpaceAccess } from '../read-cache/space-state.ts';
import { invalidCredentialsError } from './access.ts';
import { absentSpace, mayInRegistry, mayInSpace, noGrants, type Subject } from './decide.ts';
import { readSubjects, selectSpaceAccess, toKeptCaller } from './kept-caller.ts';
import { intersectNarrowings } from './narrowing.ts';
import type { Caller } from './principal.ts';
import type { SpaceRight } from './rights.ts';

/** Rights of a caller, and the space that a question is about, both as they were read for it. */
export interface KnownRights {
  subject: Subject;
  space: SpaceAccess | undefined;
}

/**
 * Decides about a right in the space that was read.
 * @param place.spaceId id that the space must have
 */
export function hasKnownRight(
  right: SpaceRight,
  { chart, spaceId }: { chart?: string | undefined; spaceId?: number | undefined },
  { subject, space: named }: KnownRights,
): boolean {
  const space = spaceId === undefined || named?.id === spaceId ? named : undefined;
  return (
    mayInSpace(subject, right, space ?? absentSpace, chart) ||
    // An upload may create the space; the use case reports where it may not.
    (!named && right === 'chart.publish' && mayInRegistry(subject, 'space.create'))
  );
}

/**
 * Reads the rights of a caller and a space by a transaction.
 * @throws {RegistryError} `access.unauthenticated` for a credential that is no longer valid
 */
export async function readKnownRights(tx: Queryable, caller: Caller, space: string): Promise<KnownRights> {
  const [subject, spaces] = await Promise.all([readSubjectIn(tx, caller), selectSpaceAccess(tx, [space])]);
  return { subject, space: spaces.get(space) };
}

/**
 * Reads the rights of a caller by a transaction.
 * @throws {RegistryError} `access.unauthenticated` for a credential that is no longer valid
 */
export async function readSubjectIn(tx: Queryable, caller: Caller): Promise<Subject> {
  const kept = toKeptCaller(caller);
  if (caller.kind !== 'principal' || !kept) return { caller, grants: noGrants };
  const [subject] = await readSubjects(tx, [kept]);
  if (subject?.caller.kind !== 'principal') throw invalidCredentialsError({ tokenId: kept.tokenId });
  const narrowing = intersectNarrowings(subject.caller.narrowing, caller.narrowing);
  return { caller: narrowing ? { ...caller, narrowing } : caller, grants: subject.grants };
}
