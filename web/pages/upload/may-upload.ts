import type { SpaceDetails, WhoAmI } from '@helm-registry/client';

/**
 * Tells whether a reader may store charts somewhere, or in the space that is given.
 * @param me undefined while it loads: then yes, since most may, and nothing moves for them
 */
export function mayUpload(me: WhoAmI | undefined, space?: Pick<SpaceDetails, 'role'>): boolean {
  if (!me) return true;
  if (!('name' in me)) return me.kind === 'open';
  if (space) return space.role !== undefined && space.role !== 'reader';
  return (
    me.registryRoles.some((role) => role !== 'auditor') || me.spaces.some(({ role }) => role !== 'reader')
  );
}
