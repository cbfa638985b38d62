/** What a lock can be on: a space, a chart in it, or a version of that. */
export type Resource =
  | readonly [space: string]
  | readonly [space: string, chart: string]
  | readonly [space: string, chart: string, version: string];

/** The keys of a resource and of all that contains it, outermost first: `lib`, `lib/redis`, `lib/redis/1.0.0`. */
export function lockKeys(resource: Resource): { containers: string[]; own: string } {
  const keys = resource.map((_, depth) => resource.slice(0, depth + 1).join('/'));
  return { containers: keys.slice(0, -1), own: keys[keys.length - 1] ?? '' };
}
