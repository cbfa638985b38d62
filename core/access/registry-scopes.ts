import type { SpaceRight } from './rights.ts';
import { someChartPlaceholder } from './rights.ts';

/** Actions on a repository that a registry token may allow (distribution spec, token scopes). */
export const repositoryActions = ['pull', 'push', 'delete'] as const;
/** Action on a repository. */
export type RepositoryAction = (typeof repositoryActions)[number];

/** Actions in one repository, as a registry token has them. */
export interface RepositoryScope {
  /** Full name, such as `SPACE/CHART`. */
  repository: string;
  actions: readonly RepositoryAction[];
}

/** Claims of a registry token that bound it. */
export interface ScopeClaims {
  /** Empty for a log-in, which asks for nothing. */
  scopes: readonly RepositoryScope[];
  /** Present if the list of repositories may be read. */
  catalog?: true;
}

/** Bounds of a registry token. It allows what they name, as far as its principal may do that. */
export interface RegistryScopes {
  /** Actions by full name of the repository, such as `lib/web`. */
  repositories: ReadonlyMap<string, ReadonlySet<RepositoryAction>>;
  /** Whether the list of repositories may be read. */
  catalog: boolean;
}

/** Scope of the list of repositories, as clients ask for it. */
export const catalogScope = 'registry:catalog:*';

/** Largest length of a scope in characters: that of a repository's name, its type and its actions. */
const maxScopeLength = 300;

/** Rights in a space by the action that a registry token needs for them. It allows no others. */
const actionByRight: Partial<Record<SpaceRight, RepositoryAction>> = {
  'chart.read': 'pull',
  'chart.publish': 'push',
  'chart.replace': 'push',
  'chart.delete': 'delete',
};

/**
 * Parses scopes such as `repository:lib/web:pull,push`. Names of repositories have no colon here.
 * Scopes of other types or in other forms allow nothing, so they are left out.
 */
export function parseScopes(texts: readonly string[]): RegistryScopes {
  const repositories = new Map<string, Set<RepositoryAction>>();
  for (const text of texts) {
    if (text.length > maxScopeLength) continue;
    const [, name = '', listed = ''] = /^repository:([^:]+):([^:]*)$/.exec(text) ?? [];
    const listedActions = listed.split(',');
    const actions = repositoryActions.filter(
      (action) => listedActions.includes(action) || listedActions.includes('*'),
    );
    const known = repositories.get(name) ?? new Set();
    for (const action of actions) known.add(action);
    if (known.size > 0) repositories.set(name, known);
  }
  return { repositories, catalog: texts.includes(catalogScope) };
}

/** Returns the bounds that the claims of a registry token set. */
export function toRegistryScopes({ scopes, catalog }: ScopeClaims): RegistryScopes {
  const repositories = scopes.map(({ repository, actions }) => [repository, new Set(actions)] as const);
  return { repositories: new Map(repositories), catalog: catalog === true };
}

/** Returns bounds as claims of a registry token. */
export function toScopeClaims({ repositories, catalog }: RegistryScopes): ScopeClaims {
  const scopes = [...repositories].map(([repository, actions]) => ({ repository, actions: [...actions] }));
  return { scopes, ...(catalog ? { catalog } : {}) };
}

/** Writes scopes as `parseScopes` reads them. */
export function writeScopes({ repositories, catalog }: RegistryScopes): string[] {
  const written = [...repositories].map(([name, actions]) => writeScope(name, [...actions]));
  return catalog ? [...written, catalogScope] : written;
}

/** Writes the scope of a repository. */
export function writeScope(repository: string, actions: readonly RepositoryAction[]): string {
  return `repository:${repository}:${actions.join(',')}`;
}

/** Returns the actions that clients ask for together for a right. Pushes read what is there. */
export function actionsForRight(right: SpaceRight): readonly RepositoryAction[] {
  const action = actionByRight[right];
  if (action === undefined) return [];
  return action === 'push' ? ['pull', 'push'] : [action];
}

/** Decides whether scopes allow a right. A credential without scopes (undefined) is not bounded by them. */
export function allowsRight(
  scopes: RegistryScopes | undefined,
  right: SpaceRight,
  { space, chart }: { space: string; chart?: string | undefined },
): boolean {
  if (!scopes) return true;
  const action = actionByRight[right];
  if (action === undefined) return false;
  if (chart !== someChartPlaceholder)
    return scopes.repositories.get(`${space}/${chart}`)?.has(action) === true;
  // Some chart of the space: the one that the request is about was checked by its name.
  return [...scopes.repositories].some(
    ([name, actions]) => name.startsWith(`${space}/`) && actions.has(action),
  );
}
