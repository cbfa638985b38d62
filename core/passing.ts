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

/** Whether an error is of a part that cannot be reached or used right now, so that the same may succeed in a moment. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && typeof error.code === 'string' && codes.test(error.code)) return true;
  // A socket in a folder is not there while the server starts again.
  if ('syscall' in error && error.syscall === 'connect') return true;
  if ('status' in error && typeof error.status === 'number' && statuses.includes(error.status)) return true;
  return messages.test(error.message);
}
