import type { KnownCaller, RegistryRole, WhoAmI } from '@helm-registry/client';

/** Administration of a space that the page offers; the registry decides at each request. */
export interface SpaceRights {
  /** Webhooks and their deliveries. */
  webhooks: boolean;
  /** Settings, members and service accounts. */
  owner: boolean;
  audit: boolean;
}

/** Administration of the registry that the page offers. */
export interface RegistryRights {
  /** Users, groups, service accounts and all tokens. */
  principals: boolean;
  audit: boolean;
  /** New spaces. */
  spaces: boolean;
}

/** Tells whether the registry knows the caller by its name. */
export function isKnown(me: WhoAmI | undefined): me is KnownCaller {
  return me !== undefined && 'name' in me;
}

/** Finds which administration of a space a caller may be offered. */
export function rightsIn(me: WhoAmI | undefined, space: string): SpaceRights {
  // Routes about principals are refused by a registry with open access.
  if (!isKnown(me)) return { webhooks: me?.kind === 'open', owner: false, audit: false };
  const isAdmin = me.registryRoles.includes('admin');
  const role = isAdmin ? 'owner' : me.spaces.find((place) => place.space === space)?.role;
  const isOwner = role === 'owner';
  return {
    webhooks: isOwner || role === 'maintainer',
    owner: isOwner,
    audit: isOwner || me.registryRoles.includes('auditor'),
  };
}

/** Finds which administration of the registry a caller may be offered. */
export function rightsInRegistry(me: WhoAmI | undefined): RegistryRights {
  const roles: readonly RegistryRole[] = isKnown(me) ? me.registryRoles : [];
  const isAdmin = roles.includes('admin');
  return {
    principals: isAdmin,
    audit: isAdmin || roles.includes('auditor'),
    spaces: isAdmin || roles.includes('creator'),
  };
}
