/** Returns the code of an error, or its text without one, for the end of a sentence. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
