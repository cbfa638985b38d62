/** Tells whether a path can be decoded; `/-/spaces/%` cannot, and is of no page. */
export function isDecodable(path: string): boolean {
  try {
    // The result is used: a bundler drops a call without, and with it the error.
    return decodeURIComponent(path) !== '';
  } catch {
    return false;
  }
}
