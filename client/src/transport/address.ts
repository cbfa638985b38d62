/** Values of a query; what is undefined is left out, lists are joined by commas. */
export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/**
 * Checks the address of a registry.
 * @returns it without a slash at its end
 * @throws {TypeError} for what is not an address of HTTP, or has credentials
 */
export function readBaseUrl(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol !== 'http:' && parsed?.protocol !== 'https:')
    throw new TypeError('url must be an address such as https://charts.example.com.');
  if (parsed.username !== '' || parsed.password !== '')
    throw new TypeError('url must have no credentials: give them as token or basic.');
  return `${parsed.origin}${parsed.pathname.replace(/\/+$/, '')}`;
}

/**
 * Encodes a name as one segment of a path.
 * @throws {TypeError} for an empty name, `.` and `..`, by which the path would lead elsewhere
 */
export function encodeSegment(name: string): string {
  if (name === '' || name === '.' || name === '..')
    throw new TypeError(`${JSON.stringify(name)} cannot be a part of a path.`);
  return encodeURIComponent(name);
}

/** Encodes the path of a file, with its slashes. @throws {TypeError} as `encodeSegment` */
export function encodeFilePath(path: string): string {
  return path.split('/').map(encodeSegment).join('/');
}

/** Renders a query, with its question mark; nothing for one without values. */
export function encodeQuery(query: Query = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) params.set(name, typeof value === 'object' ? value.join(',') : String(value));
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
}
