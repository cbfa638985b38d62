import { matchesChart } from './chart-globs.ts';
import type { Caller, Narrowing } from './principal.ts';
import {
  higherRole,
  includesRole,
  lowerRole,
  type RegistryRight,
  type RegistryRole,
  registryRights,
  type SpaceRight,
  type SpaceRole,
  someChartPlaceholder,
  spaceRights,
  spaceRoleByRegistryRole,
  type Visibility,
} from './rights.ts';

/** Roles of a principal at one time, its groups' included. */
export interface Grants {
  registryRoles: readonly RegistryRole[];
  /** Role by id of the space. */
  spaceRoles: ReadonlyMap<number, SpaceRole>;
}

/** Grants of a caller without any. */
export const noGrants: Grants = { registryRoles: [], spaceRoles: new Map() };

/** Caller with the grants of its principal. */
export interface Subject {
  caller: Caller;
  grants: Grants;
}

/** Space that a decision is about. */
export interface GuardedSpace {
  id: number;
  visibility: Visibility;
}

/** Stands for a space that does not exist. Callers with the right in every space pass, and the use case reports it. */
export const absentSpace: GuardedSpace = { id: 0, visibility: 'private' };

/**
 * Decides whether a caller has a right in a space.
 * @param chart name of the chart it is about, or `someChartPlaceholder`; undefined for what concerns all of them
 */
export function mayInSpace(
  subject: Subject,
  right: SpaceRight,
  space: GuardedSpace,
  chart?: string,
): boolean {
  const { caller } = subject;
  if (caller.kind === 'open' || caller.kind === 'system') return true;
  if (!includesRole(roleInSpace(subject, space), spaceRights[right])) return false;
  // Everybody may read what is public, so a narrowed token may too.
  if (spaceRights[right] === 'reader' && space.visibility === 'public') return true;
  const { charts } = narrowingOf(caller) ?? {};
  if (charts === undefined || chart === someChartPlaceholder) return true;
  return chart !== undefined && matchesChart(charts, chart);
}

/** Whether a place is within the bounds of a credential. */
export function isWithinNarrowing(
  narrowing: Narrowing | undefined,
  spaceId: number,
  chart: string | undefined,
): boolean {
  if (narrowing?.spaceIds && !narrowing.spaceIds.has(spaceId)) return false;
  if (narrowing?.charts === undefined) return true;
  return chart !== undefined && matchesChart(narrowing.charts, chart);
}

/** Decides whether a caller has a right in the registry as a whole. A narrowed credential has none of them. */
export function mayInRegistry({ caller, grants }: Subject, right: RegistryRight): boolean {
  if (caller.kind === 'open' || caller.kind === 'system') return true;
  if (narrowingOf(caller)) return false;
  const roles: readonly RegistryRole[] = registryRights[right];
  return grants.registryRoles.some((role) => roles.includes(role));
}

/**
 * Returns the role of a caller in a space. The role comes from its own grant, those of its groups, and the visibility
 * of the space.
 */
export function roleInSpace(
  { caller, grants }: Subject,
  { id, visibility }: GuardedSpace,
): SpaceRole | undefined {
  const forAll = visibility === 'public' ? 'reader' : undefined;
  if (caller.kind !== 'principal') return forAll;
  const { narrowing } = caller;
  if (narrowing?.spaceIds && !narrowing.spaceIds.has(id)) return forAll;
  const own = [
    visibility === 'internal' ? ('reader' as const) : undefined,
    grants.spaceRoles.get(id),
    ...grants.registryRoles.map((role) => spaceRoleByRegistryRole[role]),
  ].reduce(higherRole, undefined);
  const narrowed = narrowing?.role === undefined ? own : lowerRole(own, narrowing.role);
  return higherRole(narrowed, forAll);
}

/** Bounds of what a caller may read, for queries over many spaces. Public spaces are always in it. */
export interface ReadScope {
  /** Whether it reads every space. */
  all: boolean;
  /** Whether it reads every internal space. */
  internal: boolean;
  /** Ids of spaces that it reads whatever their visibility. */
  spaceIds: readonly number[];
  /** Ids of the only spaces, beside public ones, in which the above counts; undefined for all. */
  only?: readonly number[];
}

/** Scope of everybody, with or without credentials. */
export const publicReadScope: ReadScope = { all: false, internal: false, spaceIds: [] };

/** Scope of callers that may read every space. */
export const fullReadScope: ReadScope = { all: true, internal: true, spaceIds: [] };

/** Returns the bounds of what a caller may read. They agree with `mayInSpace` for `chart.read` without a chart. */
export function computeReadScope({ caller, grants }: Subject): ReadScope {
  if (caller.kind === 'open' || caller.kind === 'system') return fullReadScope;
  if (caller.kind === 'anonymous' || caller.narrowing?.charts) return publicReadScope;
  const { spaceIds } = caller.narrowing ?? {};
  const all = grants.registryRoles.some((role) => spaceRoleByRegistryRole[role] !== undefined);
  return {
    all,
    internal: true,
    spaceIds: [...grants.spaceRoles.keys()],
    ...(spaceIds ? { only: [...spaceIds] } : {}),
  };
}

function narrowingOf(caller: Caller): Narrowing | undefined {
  return caller.kind === 'principal' ? caller.narrowing : undefined;
}
