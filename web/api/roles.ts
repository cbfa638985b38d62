/** Roles in a space, each with all rights of those before it. */
export const spaceRoles = ['reader', 'publisher', 'maintainer', 'owner'] as const;

/** Roles in the registry as a whole. */
export const registryRoles = ['creator', 'auditor', 'admin'] as const;
