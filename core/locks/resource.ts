/** Resource of a lock: a space, a chart in it, or a version of the chart. */
export type Resource =
  | readonly [space: string]
  | readonly [space: string, chart: string]
  | readonly [space: string, chart: string, version: string];

/** Returns the keys of a resource and its containers, outermost first: `lib`, `lib/redis`, `lib/redis/1.0.0`. */
export function lockKeysOf(resource: Resource): { containers: string[]; key: string } {
  const keys = resource.map((_, depth) => resource.slice(0, depth + 1).join('/'));
  return { containers: keys.slice(0, -1), key: keys[keys.length - 1] ?? '' };
}
