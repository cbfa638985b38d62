import { RegistryError } from '../errors.ts';
import type { Actor } from './actor.ts';
import type { RegistryScopes, RepositoryAction } from './registry-scopes.ts';
import type { SpaceRight } from './rights.ts';

/** Largest number of repositories in a registry token, and of characters of their names: it is sent as a header. */
const maxRepositories = 50;
const maxCharacters = 2_500;

/** Rights of which one is needed for an action. A publisher looks for what is there before it pushes; that may be nothing. */
const rightsFor = {
  pull: ['chart.read', 'chart.publish'],
  push: ['chart.publish'],
  delete: ['chart.delete'],
} as const satisfies Record<RepositoryAction, readonly SpaceRight[]>;

/**
 * Grants what an actor may do of the scopes that it asked for. The rest is left out without a word, as the protocol
 * says: a client learns at the request itself that something is missing.
 * @throws {RegistryError} `request.invalid` for more scopes than a token holds; `access.unauthenticated`
 */
export async function grantScopes(actor: Actor, asked: RegistryScopes): Promise<RegistryScopes> {
  const names = [...asked.repositories.keys()];
  const characters = names.reduce((sum, name) => sum + name.length, 0);
  if (names.length > maxRepositories || characters > maxCharacters)
    throw new RegistryError(
      'request.invalid',
      `The scopes name ${names.length} repositories with ${characters} characters; a token holds ${maxRepositories} and ${maxCharacters}. Ask for several tokens.`,
    );
  const granted = await Promise.all(
    [...asked.repositories].map(async ([name, actions]) => {
      const allowed = await Promise.all([...actions].map((action) => isAllowed(actor, name, action)));
      return [name, new Set([...actions].filter((_, index) => allowed[index]))] as const;
    }),
  );
  return {
    repositories: new Map(granted.filter(([, actions]) => actions.size > 0)),
    catalog: asked.catalog,
  };
}

async function isAllowed(actor: Actor, name: string, action: RepositoryAction): Promise<boolean> {
  const [space = '', ...rest] = name.split('/');
  for (const right of rightsFor[action])
    if (await actor.may(right, { space, chart: rest.join('/') })) return true;
  return false;
}
