/** Renders a thrown value with its code, message and causes. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : ` (${errorText(error.cause)})`;
  const code = 'code' in error ? `${String(error.code)} ` : '';
  return `${code}${error.message}${cause}`;
}
