import { z } from '@hono/zod-openapi';
import type { AccountRef, PlacedRole } from '../../../core/access/admin/accounts.ts';
import { registryRoles, spaceRoles } from '../../../core/access/rights.ts';
import type { RouteAccess } from '../../access/route-access.ts';

/** Place of service accounts, for the routes below it. */
export interface AccountPlace {
  /** Path of the list of accounts. */
  path: string;
  access: RouteAccess;
  /** Words for summaries. */
  of: string;
  /** Prefix of the names of shapes. */
  shapes: string;
  params: z.ZodObject;
  role: z.ZodEnum;
  /** Names the account that a path is about; `name` for a new one. */
  refOf(params: Record<string, unknown>, name?: string): AccountRef;
  /** Parses a role that the schema `role` has accepted. */
  roleOf(role: string | null): PlacedRole;
}

const spaceRole = z.enum(spaceRoles);
const registryRole = z.enum(registryRoles);
const accountParams = z.object({ account: z.string() }).partial();
const spaceAccountParams = accountParams.extend({ space: z.string() });

/** Places that have service accounts. */
export const accountPlaces: readonly AccountPlace[] = [
  {
    path: '/api/v1/spaces/{space}/accounts',
    access: { right: 'account.manage' },
    of: 'a space',
    shapes: 'SpaceAccount',
    params: z.object({ space: z.string() }),
    role: spaceRole,
    refOf(params, name) {
      const { space, account = '' } = spaceAccountParams.parse(params);
      return { space, name: name ?? account };
    },
    roleOf: (role) => ({ space: role === null ? null : spaceRole.parse(role) }),
  },
  {
    path: '/api/v1/accounts',
    access: { registryRight: 'principal.manage' },
    of: 'the registry',
    shapes: 'RegistryAccount',
    params: z.object({}),
    role: registryRole,
    refOf: (params, name) => ({ name: name ?? accountParams.parse(params).account ?? '' }),
    roleOf: (role) => ({ registry: role === null ? null : registryRole.parse(role) }),
  },
];
