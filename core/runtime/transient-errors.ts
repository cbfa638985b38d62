// Of sockets, of name lookups, of undici and of full disks; of PostgreSQL: connections (08), resources (53), cancelled
// and shut down.
const codes =
  /^(ECONN|EPIPE$|ETIMEDOUT$|EAI_AGAIN$|EHOSTUNREACH$|ENETUNREACH$|UND_ERR_|08|53|57014$|57P0|ENOSPC$|EDQUOT$)/;

// pg and its pool say these without a code.
const messages =
  /^(Connection terminated|timeout exceeded when trying to connect|Client .* and is not queryable$)/;

// What an object store answers when it is too busy, or not quite there yet; S3 says InternalError of both. 507 is that of
// one that is full, until somebody makes room.
const statuses = [408, 429, 500, 502, 503, 504, 507];

const readOnly =
  'the data folder cannot be written: mount it for writing, and give it to the user of this process';
const noEntry =
  'the object store lets nobody in with these credentials: look at S3_ACCESS_KEY and S3_SECRET_KEY';
const noBucket = 'the bucket is not there: look at S3_BUCKET; `helm-registry migrate` makes it';

/**
 * Errors of a store that stays unusable until the operator does something, by the code of the system or of S3, and what
 * that is. A HEAD is answered without a code: of an object that is missing no driver lets such an error out.
 */
const advices: Record<string, string> = {
  EMFILE: 'this process has too many files open: raise its limit (ulimit -n, LimitNOFILE)',
  ENFILE: 'this machine has too many files open: raise fs.file-max',
  EROFS: readOnly,
  EACCES: readOnly,
  EPERM: readOnly,
  ESTALE: 'the data folder was mounted anew: start this process again',
  STORE_GONE: 'the folder of blobs is not there: mount it, or start this process again to make an empty one',
  NoSuchBucket: noBucket,
  'HTTP 404': noBucket,
  AccessDenied: noEntry,
  InvalidAccessKeyId: noEntry,
  SignatureDoesNotMatch: noEntry,
  XAdminUserNotFound: noEntry,
  'HTTP 403': noEntry,
};

/** Whether an error is of a part that cannot be reached or used right now, so that the same may succeed later. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && typeof error.code === 'string' && codes.test(error.code)) return true;
  // A socket in a folder is not there while the server starts again.
  if ('syscall' in error && error.syscall === 'connect') return true;
  if ('status' in error && typeof error.status === 'number' && statuses.includes(error.status)) return true;
  return adviseOperator(error) !== undefined || messages.test(error.message);
}

/** Advice for the operator on a part that stays unusable until somebody acts; undefined for every other error. */
export function adviseOperator(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  return Object.hasOwn(advices, error.code) ? advices[error.code] : undefined;
}
