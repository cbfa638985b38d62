/** Appends a key or an index to a JSON pointer (RFC 6901). `~` and `/` in it are escaped (section 3). */
export function appendPointer(pointer: string, token: string | number): string {
  const text = String(token);
  if (!/[~/]/.test(text)) return `${pointer}/${text}`;
  return `${pointer}/${text.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** Splits a JSON pointer into its decoded tokens; undefined if an escape is broken. */
export function splitPointer(pointer: string): string[] | undefined {
  const tokens = pointer.split('/').slice(1);
  if (tokens.some((token) => /~(?![01])/.test(token))) return undefined;
  return tokens.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}
