import { RegistryError } from '../errors.ts';
import type { Subject } from './decide.ts';
import type { Principal } from './principal.ts';
import { actionsForRight, writeScope } from './registry-scopes.ts';
import { type RegistryRight, registryRights, type SpaceRight, spaceRights } from './rights.ts';

/** Facts of a refusal that its error does not tell the client, for the audit. */
export interface Refusal {
  /** Right that was missing; absent where the credentials are wrong. */
  right?: SpaceRight | RegistryRight;
  space?: string;
  chart?: string | undefined;
  /** Public part of a token that was not accepted. */
  tokenId?: string | undefined;
  /** Existing principal for whom the credentials were wrong. Never a name that a stranger typed: it may be a password. */
  principal?: Principal;
}

const refusalByError = new WeakMap<RegistryError, Refusal>();

/**
 * Marks an error as a refusal, for the audit. A caller who may not read something gets the same 404 as for what does
 * not exist.
 * @returns the error
 */
export function markRefusal(error: RegistryError, refusal: Refusal): RegistryError {
  refusalByError.set(error, refusal);
  return error;
}

/** Returns the facts of a refusal; undefined for any other error. */
export function refusalOf(error: RegistryError): Refusal | undefined {
  return refusalByError.get(error);
}

/** Makes the refusal of a right in a space. The refusal tells strangers nothing about what exists. */
export function deniedInSpace(
  { caller }: Subject,
  right: SpaceRight,
  { space, chart }: { space: string; chart?: string | undefined },
  isReadable: boolean,
): RegistryError {
  if (caller.kind === 'anonymous')
    return loginRequiredError(caller.scopes && scopeForRight(right, { space, chart }));
  const isNarrowed = caller.kind === 'principal' && caller.narrowing !== undefined;
  const error = isReadable ? missingRightError(right, space, isNarrowed) : unknownSpaceError(right, space);
  return markRefusal(error, { right, space, chart });
}

function missingRightError(right: SpaceRight, space: string, isNarrowed: boolean): RegistryError {
  // A reader lacks a right to read where it is about all charts, and the token is for some.
  if (spaceRights[right] === 'reader')
    return new RegistryError(
      'access.denied',
      `This is about all charts of space ${space}, and the token is for some of them. Ask for a chart by its name, or use a token without bounds on charts.`,
      { right },
    );
  const narrowed = isNarrowed ? ', also after the bounds of the token' : '';
  return new RegistryError(
    'access.denied',
    `This needs the right ${right} in space ${space}: the role ${spaceRights[right]}${narrowed}. An owner of the space can give it.`,
    { right },
  );
}

function unknownSpaceError(right: SpaceRight, space: string): RegistryError {
  if (right === 'chart.read' || right === 'job.read')
    return new RegistryError('space.notFound', `There is no space ${space}.`);
  return new RegistryError(
    'access.denied',
    `You may not do this in space ${space}, or it does not exist. Ask an owner of the space, or an admin.`,
    { right },
  );
}

/** Makes the refusal of a right in the registry. */
export function deniedInRegistry({ caller }: Subject, right: RegistryRight): RegistryError {
  if (caller.kind === 'anonymous') return loginRequiredError();
  const roles = registryRights[right].join(' and ');
  const error = new RegistryError(
    'access.denied',
    `This needs the right ${right}, which the registry's ${roles} have with credentials that are not narrowed.`,
    { right },
  );
  return markRefusal(error, { right });
}

/** Makes the refusal of a registry token that was issued for something else. The client then asks for another one. */
export function scopeDenied(
  right: SpaceRight,
  where: { space: string; chart?: string | undefined },
): RegistryError {
  const scope = scopeForRight(right, where);
  return new RegistryError(
    'access.insufficientScope',
    `The registry token does not allow this. Ask for a new one with the scope ${scope}.`,
    { scope },
  );
}

function scopeForRight(
  right: SpaceRight,
  { space, chart }: { space: string; chart?: string | undefined },
): string {
  return writeScope(`${space}/${chart}`, actionsForRight(right));
}

/**
 * Makes the refusal of a caller without credentials.
 * @param scope scope that its anonymous registry token does not have, if it sent one
 */
export function loginRequiredError(scope?: string): RegistryError {
  const message = 'Log in to do this: send a token, or a user name and password.';
  return scope === undefined
    ? new RegistryError('access.unauthenticated', message)
    : new RegistryError('access.insufficientScope', message, { scope });
}
