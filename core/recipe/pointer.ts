/** Appends a key or an index to an RFC 6901 JSON pointer; `~` and `/` in it are escaped (section 3). */
export function appendPointer(pointer: string, key: string | number): string {
  return `${pointer}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
