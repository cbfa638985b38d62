/**
 * Masks a callback's URL: values and nameless parts of its query, which are often tokens. Origin, path and
 * names stay, so that callbacks stay distinguishable.
 */
export function maskUrl(text: string): string {
  const { origin, pathname, search } = new URL(text);
  if (search === '') return origin + pathname;
  return `${origin}${pathname}?${search.slice(1).split('&').map(maskPart).join('&')}`;
}

/**
 * Masks all of a callback's URL but its scheme and host. Chat services have their secret in the path, and readers of a
 * job need no more than where its calls go.
 */
export function maskUrlPath(text: string): string {
  return `${new URL(text).origin}/***`;
}

function maskPart(part: string): string {
  const name = part.slice(0, part.indexOf('=') + 1);
  return part === name ? part : `${name}***`;
}
