import { RegistryError } from '../errors.ts';
import type { Subject } from './decide.ts';
import { type RegistryRight, registryRights, type SpaceRight, spaceRights } from './rights.ts';

/** Makes the refusal of a right, which tells strangers nothing about what exists. */
export function refuse(
  { caller }: Subject,
  right: SpaceRight,
  space: string,
  isReadable: boolean,
): RegistryError {
  if (caller.kind === 'anonymous') return logInFirst();
  if (isReadable) {
    const narrowed =
      caller.kind === 'principal' && caller.narrowing ? ', also after the bounds of the token' : '';
    return new RegistryError(
      'access.denied',
      `This needs the right ${right} in space ${space}: the role ${spaceRights[right]}${narrowed}. An owner of the space can give it.`,
      { right },
    );
  }
  if (right === 'chart.read' || right === 'job.read')
    return new RegistryError('space.notFound', `There is no space ${space}.`);
  return new RegistryError(
    'access.denied',
    `You may not do this in space ${space}, or it does not exist. Ask an owner of the space, or an admin.`,
    { right },
  );
}

/** Makes the error for callers without credentials. */
export function logInFirst(): RegistryError {
  return new RegistryError(
    'access.unauthenticated',
    'Log in to do this: send a token, or a user name and password.',
  );
}

/** Makes the refusal of a right in the registry. */
export function refuseInRegistry({ caller }: Subject, right: RegistryRight): RegistryError {
  if (caller.kind === 'anonymous') return logInFirst();
  const roles = registryRights[right].join(' and ');
  return new RegistryError(
    'access.denied',
    `This needs the right ${right}, which the registry's ${roles} have with credentials that are not narrowed.`,
    { right },
  );
}
