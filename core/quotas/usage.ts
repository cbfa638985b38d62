import { roleInSpace, type Subject } from '../access/decide.ts';

/** Use of a quota; `limit` is null where there is none. */
export interface QuotaUse {
  used: number;
  limit: number | null;
}

/** Use of the quotas of a space. */
export interface SpaceQuota {
  /** Bytes of its blobs, each counted once. */
  bytes: QuotaUse;
  versions: QuotaUse;
}

/** Quotas to set: null for the default of the registry, 0 for none. What is absent stays. */
export interface QuotaSettings {
  bytes?: number | null | undefined;
  versions?: number | null | undefined;
}

/** SQL column `quota` of a space: a `SpaceQuota`. @param row name of the row of `spaces` */
export const quotaColumnSql = (row: string) =>
  `jsonb_build_object(
     'bytes', jsonb_build_object(
       'used', (SELECT coalesce(sum(u.bytes), 0) FROM space_usage u WHERE u.space_id = ${row}.id),
       'limit', nullif(quota_of(${row}.quota_bytes, 'bytes'), 0)),
     'versions', jsonb_build_object(
       'used', ${row}.version_count, 'limit', nullif(quota_of(${row}.quota_versions, 'versions'), 0))) AS quota`;

/**
 * Whether a caller is a member of a space, and so may know its quotas. A member has a role there that others have
 * not, or one in the registry that reaches into every space.
 */
export function isSpaceMember(subject: Subject, spaceId: number): boolean {
  const { kind } = subject.caller;
  return (
    kind === 'open' ||
    kind === 'system' ||
    roleInSpace(subject, { id: spaceId, visibility: 'private' }) !== undefined
  );
}
