import { sqlStateOf } from '../db/sql-state.ts';

/** Codes of the file system for a full disk or quota. */
const systemCodes = ['ENOSPC', 'EDQUOT'];

/** Codes of S3 servers for a full disk or quota: MinIO's, Ceph's and those of gateways. */
const storeCodes = [
  'XMinioStorageFull',
  'XMinioAdminBucketQuotaExceeded',
  'QuotaExceeded',
  'InsufficientCapacity',
];

/** Status "Insufficient Storage" of RFC 4918. */
const insufficientStorage = 507;

/** Tells whether an error means that a disk, a bucket or a database is full. */
export function isStorageFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  if (systemCodes.includes(code) || storeCodes.includes(code)) return true;
  if ('status' in error && error.status === insufficientStorage) return true;
  const state = sqlStateOf(error);
  // 53100 is disk_full; PostgreSQL reports other full writes with the system's text.
  if (state === '53100') return true;
  if (state !== undefined && /No space left on device|Disk quota exceeded/.test(error.message)) return true;
  return isStorageFull(error.cause);
}
