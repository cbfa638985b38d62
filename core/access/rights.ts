/** Roles in a space, each with all rights of those before it. */
export const spaceRoles = ['reader', 'publisher', 'maintainer', 'owner'] as const;
/** Role of a principal in a space. */
export type SpaceRole = (typeof spaceRoles)[number];

/** Roles in the registry as a whole. */
export const registryRoles = ['creator', 'auditor', 'admin'] as const;
/** Role of a principal in the registry. */
export type RegistryRole = (typeof registryRoles)[number];

/** Visibilities of a space: anonymous callers read `public`, everybody who is logged in `internal` ones too. */
export const visibilities = ['public', 'internal', 'private'] as const;
/** Visibility of a space. */
export type Visibility = (typeof visibilities)[number];

/** Rights in a space, each with the least role that has it. */
export const spaceRights = {
  /** Lists, archives, values, metadata, lineage, indexes, tags, manifests and blobs. */
  'chart.read': 'reader',
  /** Jobs that compose into the space, with their events and deliveries. */
  'job.read': 'reader',
  /** New versions, tags and artifacts; recipes into the space. */
  'chart.publish': 'publisher',
  /** Other bytes under an existing version or tag; rewritten values and metadata. */
  'chart.replace': 'maintainer',
  /** Deletion of charts, versions, provenance files, manifests, tags and blobs. */
  'chart.delete': 'maintainer',
  /** Copies into a space that more can read than this one. */
  'chart.disclose': 'maintainer',
  /** End of a job that another principal began; its author may end it as a publisher. */
  'job.cancel': 'maintainer',
  /** Webhooks of the space, and their deliveries. */
  'webhook.manage': 'maintainer',
  /** Retention of the space: its rules, and runs of them. */
  'retention.manage': 'maintainer',
  /** Visibility and policies of the space. */
  'space.configure': 'owner',
  /** Deletion of the space with all charts. */
  'space.delete': 'owner',
  /** Members and their roles. */
  'member.manage': 'owner',
  /** Service accounts of the space, their tokens and trust rules. */
  'account.manage': 'owner',
  /** Audit events of the space. */
  'audit.read': 'owner',
} as const satisfies Record<string, SpaceRole>;
/** Right in a space. */
export type SpaceRight = keyof typeof spaceRights;

/** Rights in the registry, each with the roles that have it. */
export const registryRights = {
  /** New spaces, whose owner the creator becomes. */
  'space.create': ['creator', 'admin'],
  /** Quotas of spaces. */
  'quota.set': ['admin'],
  /** Users, groups, service accounts of the registry, and their tokens. */
  'principal.manage': ['admin'],
  /** Audit events of every space and of the registry. */
  'audit.readAll': ['auditor', 'admin'],
} as const satisfies Record<string, readonly RegistryRole[]>;
/** Right in the registry. */
export type RegistryRight = keyof typeof registryRights;

/** Role in every space that a role in the registry gives. */
export const spaceRoleByRegistryRole = {
  creator: undefined,
  auditor: 'reader',
  admin: 'owner',
} as const satisfies Record<RegistryRole, SpaceRole | undefined>;

/** Whether a role has at least the rights of another. */
export function includesRole(role: SpaceRole | undefined, least: SpaceRole): boolean {
  return role !== undefined && spaceRoles.indexOf(role) >= spaceRoles.indexOf(least);
}

/** Returns the higher of two roles, the one with more rights. An absent role has none. */
export function higherRole(one: SpaceRole | undefined, other: SpaceRole | undefined): SpaceRole | undefined {
  return one !== undefined && (other === undefined || includesRole(one, other)) ? one : other;
}

/** Returns the lower of two roles, the one with fewer rights. Undefined where one of them is absent. */
export function lowerRole(one: SpaceRole | undefined, other: SpaceRole | undefined): SpaceRole | undefined {
  if (one === undefined || other === undefined) return undefined;
  return includesRole(one, other) ? other : one;
}

/** Stands for some chart of the space, which is checked once it is known. */
export const someChartPlaceholder = '*';
