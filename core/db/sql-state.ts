/** SQLSTATEs that the code acts on, by the names of PostgreSQL's appendix A. */
export const sqlState = {
  serializationFailure: '40001',
  deadlockDetected: '40P01',
  lockNotAvailable: '55P03',
  inFailedTransaction: '25P02',
  undefinedTable: '42P01',
  foreignKeyViolation: '23503',
  /** Write into the space of a mirror: a state of the registry's own. */
  writeIntoMirror: 'HR001',
  /** Raised by a trigger of this registry, for a write that would exceed a quota. */
  quotaExceeded: 'HRQ01',
} as const;

/** Returns the SQLSTATE of an error from PostgreSQL; undefined for every other value. */
export function sqlStateOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  // Node's own codes (ECONNREFUSED) are words; a SQLSTATE is five characters of which one is a digit.
  return typeof error.code === 'string' && /^(?=.*\d)[0-9A-Z]{5}$/.test(error.code) ? error.code : undefined;
}
