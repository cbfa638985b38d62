// Transient codes of sockets, name lookups, undici and full disks, and SQLSTATEs of PostgreSQL: connections
// (08), resources (53), cancelled and shut down.
const transientCodes =
  /^(ECONN|EPIPE$|ETIMEDOUT$|EAI_AGAIN$|EHOSTUNREACH$|ENETUNREACH$|UND_ERR_|08|53|57014$|57P0|ENOSPC$|EDQUOT$)/;

// Messages of pg and its pool without a code.
const transientMessages =
  /^(Connection terminated|timeout exceeded when trying to connect|Client .* and is not queryable$)/;

// Statuses of an object store that is overloaded or starting; S3 sends InternalError for both. 507 is that of a
// full store.
const transientStatuses = [408, 429, 500, 502, 503, 504, 507];

const readOnlyAdvice =
  'the data folder cannot be written: mount it for writing, and give it to the user of this process';
const wrongCredentialsAdvice =
  'the object store lets nobody in with these credentials: check S3_ACCESS_KEY and S3_SECRET_KEY';
const noBucketAdvice = 'the bucket is not there: check S3_BUCKET; `helm-registry migrate` makes it';

/**
 * Advice on errors that last until the operator acts, by the code of the system or of S3. `HTTP 404` here is an
 * answer to a HEAD, which has no code; no driver throws it for a missing object.
 */
const advices: Record<string, string> = {
  EMFILE: 'this process has too many files open: raise its limit (ulimit -n, LimitNOFILE)',
  ENFILE: 'this machine has too many files open: raise fs.file-max',
  EROFS: readOnlyAdvice,
  EACCES: readOnlyAdvice,
  EPERM: readOnlyAdvice,
  ESTALE: 'the data folder was mounted anew: start this process again',
  STORE_GONE: 'the folder of blobs is not there: mount it, or start this process again to make an empty one',
  NoSuchBucket: noBucketAdvice,
  'HTTP 404': noBucketAdvice,
  AccessDenied: wrongCredentialsAdvice,
  InvalidAccessKeyId: wrongCredentialsAdvice,
  SignatureDoesNotMatch: wrongCredentialsAdvice,
  XAdminUserNotFound: wrongCredentialsAdvice,
  'HTTP 403': wrongCredentialsAdvice,
};

/** Tells whether an error is transient. A part cannot be reached or used now, and a retry may succeed. */
export function isTransientError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && typeof error.code === 'string' && transientCodes.test(error.code)) return true;
  // PostgreSQL's socket file is missing while the server restarts.
  if ('syscall' in error && error.syscall === 'connect') return true;
  if ('status' in error && typeof error.status === 'number' && transientStatuses.includes(error.status))
    return true;
  return findOperatorAdvice(error) !== undefined || transientMessages.test(error.message);
}

/**
 * Returns advice for the operator on a part that stays unusable until it is repaired. Undefined stands for every
 * other error.
 */
export function findOperatorAdvice(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  return Object.hasOwn(advices, error.code) ? advices[error.code] : undefined;
}

/** Returns the code of an error, or its text without one. The result ends a sentence. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
