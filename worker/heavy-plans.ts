import type { Digest } from '../core/blobs/port.ts';
import type { Source } from '../core/recipe/compose-prepared.ts';
import type { Plan, PlannedNode } from '../core/recipe/plan.ts';
import { countDownValues } from '../core/sources/count-down-values.ts';
import { isLargeSource, type LoadedSource, yamlBytesOf } from '../core/sources/large-sources.ts';

/**
 * Largest number of configured values, and bytes of values.yaml in all sources, that are composed on the event loop:
 * some 20 milliseconds.
 */
const maxEventLoopSize = { values: 3_000, yaml: 512 * 1024 };

/**
 * Returns the sources of a plan that the event loop may compose.
 * @returns undefined where composing would block the event loop noticeably
 */
export function sourcesForEventLoop(
  plan: Plan,
  sources: ReadonlyMap<Digest, LoadedSource>,
): ReadonlyMap<Digest, Source> | undefined {
  const small = new Map<Digest, Source>();
  let bytes = 0;
  for (const [digest, source] of sources) {
    if (isLargeSource(source)) return undefined;
    bytes += yamlBytesOf(source.chart);
    small.set(digest, source);
  }
  return bytes > maxEventLoopSize.yaml || countNodeValues(plan.root, maxEventLoopSize.values) < 0
    ? undefined
    : small;
}

/** Counts a node's configured values down. @returns the remaining number; below zero the counting stops */
function countNodeValues({ config, children }: PlannedNode, remaining: number): number {
  let rest = config ? countDownValues(config, remaining) : remaining;
  for (const { node } of children) {
    if (rest < 0) break;
    rest = countNodeValues(node, rest);
  }
  return rest;
}
