/** What a thrown thing says, with what brought it about. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : ` (${errorText(error.cause)})`;
  const code = 'code' in error ? `${String(error.code)} ` : '';
  return `${code}${error.message}${cause}`;
}
