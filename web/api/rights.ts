import type { KnownCaller, RegistryRole, SpaceRole, WhoAmI } from '@helm-registry/client';
import { spaceRoles } from './roles.ts';

/** Administration of a space that the page offers; the registry decides at each request. */
export interface SpaceRights {
  /** Reads the rules of its retention; every role may. */
  reads: boolean;
  /** Sees the state of its mirror. */
  publishes: boolean;
  /** Deletes and restores versions, and sets the rules of retention. */
  maintains: boolean;
  /** Its mirror. */
  configures: boolean;
  /** Manages webhooks and their deliveries. */
  webhooks: boolean;
  /** Manages settings, members and service accounts. */
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
export function isKnownCaller(me: WhoAmI | undefined): me is KnownCaller {
  return me !== undefined && 'name' in me;
}

/** Finds which administration of a space a caller may be offered. */
export function rightsInSpace(me: WhoAmI | undefined, space: string): SpaceRights {
  // Routes about principals are refused by a registry with open access.
  if (!isKnownCaller(me)) {
    const isOpen = me?.kind === 'open';
    return { ...rightsOfRole(isOpen ? 'owner' : undefined), webhooks: isOpen, owner: false, audit: false };
  }
  const isAdmin = me.registryRoles.includes('admin');
  const role = isAdmin ? 'owner' : me.spaces.find((place) => place.space === space)?.role;
  const isAuditor = me.registryRoles.includes('auditor');
  const rights = rightsOfRole(role);
  const { configures: owner, maintains: webhooks } = rights;
  return { ...rights, reads: rights.reads || isAuditor, webhooks, owner, audit: owner || isAuditor };
}

/** Finds what a role reaches, whether access is guarded or open. */
function rightsOfRole(role: SpaceRole | undefined) {
  const rank = role === undefined ? -1 : spaceRoles.indexOf(role);
  const reaches = (least: SpaceRole) => rank >= spaceRoles.indexOf(least);
  return {
    reads: reaches('reader'),
    publishes: reaches('publisher'),
    maintains: reaches('maintainer'),
    configures: reaches('owner'),
  };
}

/** Finds which administration of the registry a caller may be offered. */
export function rightsInRegistry(me: WhoAmI | undefined): RegistryRights {
  const roles: readonly RegistryRole[] = isKnownCaller(me) ? me.registryRoles : [];
  const isAdmin = roles.includes('admin');
  return {
    principals: isAdmin,
    audit: isAdmin || roles.includes('auditor'),
    spaces: isAdmin || roles.includes('creator') || me?.kind === 'open',
  };
}
