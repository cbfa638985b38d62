/** Path to which a log-in leads where the request names none, or a wrong one. */
export const defaultReturnPath = '/';

const maxLength = 2_000;

/**
 * Chooses the path to which a browser goes after its log-in. The requested path is used if it certainly leads to this
 * registry. Only a path that URL parsers leave unchanged counts, so that nothing reads it as another host. It has no
 * second slash at its start, no backslash, dot segment or control character. None of them may be encoded either, since
 * a proxy may decode it.
 */
export function chooseReturnPath(requested: string | undefined): string {
  return requested !== undefined && isOwnPath(requested) ? requested : defaultReturnPath;
}

function isOwnPath(text: string): boolean {
  if (text.length > maxLength || !/^\/(?![/\\])/.test(text)) return false;
  // Any host serves: an absolute text would replace it.
  const base = 'http://registry.invalid';
  if (!URL.canParse(text, base)) return false;
  const { origin, pathname, search, hash } = new URL(text, base);
  return origin === base && pathname + search + hash === text && !dangerousEscapePattern.test(pathname);
}

/** Slash, backslash, dot, percent sign and control characters in their encoded form. */
const dangerousEscapePattern = /%(?:2f|5c|2e|25|[01][0-9a-f]|7f)/i;
