import { sqlStateOf } from '../db/sql-state.ts';

/** Codes of the file system: no blocks left, or none for this user. */
const systemCodes = ['ENOSPC', 'EDQUOT'];

/** S3 servers' words for a disk that is full, or a bucket that has its quota: MinIO's, Ceph's, and those of gateways. */
const storeCodes = [
  'XMinioStorageFull',
  'XMinioAdminBucketQuotaExceeded',
  'QuotaExceeded',
  'InsufficientCapacity',
];

/** RFC 4918: Insufficient Storage. */
const insufficientStorage = 507;

/** Whether an error says that a disk, a bucket or a database has no room left, until somebody makes some. */
export function isStorageFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  if (systemCodes.includes(code) || storeCodes.includes(code)) return true;
  if ('status' in error && error.status === insufficientStorage) return true;
  const state = sqlStateOf(error);
  // 53100 is disk_full; what fails further down keeps the words of the system.
  if (state === '53100') return true;
  if (state !== undefined && /No space left on device|Disk quota exceeded/.test(error.message)) return true;
  return isStorageFull(error.cause);
}
