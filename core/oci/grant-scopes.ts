import type { Actor } from '../access/actor.ts';
import type { RegistryScopes, RepositoryAction } from '../access/registry-scopes.ts';
import type { SpaceRight } from '../access/rights.ts';
import { RegistryError } from '../errors.ts';
import { isRepositoryName, parseRepository } from './names.ts';

/** Largest number of repositories in a registry token, and of characters of their names: it is sent as a header. */
const maxRepositories = 50;
const maxNameCharacters = 2_500;

/** Rights of which one is needed for an action. A publisher looks for what is there before it pushes; that may be nothing. */
const rightsByAction = {
  pull: ['chart.read', 'chart.publish'],
  push: ['chart.publish'],
  delete: ['chart.delete'],
} as const satisfies Record<RepositoryAction, readonly SpaceRight[]>;

/**
 * Grants what an actor may do of the scopes that it asked for. The rest is left out without a word, as the protocol
 * says: a client learns at the request itself that something is missing.
 * @throws {RegistryError} `request.invalid` for more scopes than a token holds; `access.unauthenticated`
 */
export async function grantScopes(actor: Actor, requested: RegistryScopes): Promise<RegistryScopes> {
  const named = [...requested.repositories].filter(([name]) => isRepositoryName(name));
  const characters = named.reduce((sum, [name]) => sum + name.length, 0);
  if (named.length > maxRepositories || characters > maxNameCharacters)
    throw new RegistryError(
      'request.invalid',
      `The scopes name ${named.length} repositories with ${characters} characters; a token holds ${maxRepositories} and ${maxNameCharacters}. Ask for several tokens.`,
    );
  const granted = await Promise.all(
    named.map(async ([name, actions]) => {
      const allowed = await Promise.all([...actions].map((action) => isAllowed(actor, name, action)));
      return [name, new Set([...actions].filter((_, index) => allowed[index]))] as const;
    }),
  );
  return {
    repositories: new Map(granted.filter(([, actions]) => actions.size > 0)),
    catalog: requested.catalog,
  };
}

async function isAllowed(actor: Actor, name: string, action: RepositoryAction): Promise<boolean> {
  const repository = parseRepository(name);
  for (const right of rightsByAction[action])
    if (await actor.may(right, { space: repository.space, chart: repository.name })) return true;
  return false;
}
