import type { Digest } from '../core/blobs/port.ts';
import type { Chart } from '../core/chart/chart.ts';
import type { Source } from '../core/recipe/compose-prepared.ts';
import type { Plan, PlannedNode } from '../core/recipe/plan.ts';
import type { Json } from '../core/yaml/json.ts';

/**
 * Largest number of configured values, and bytes of values.yaml in all sources, that are composed on the event loop:
 * some 20 milliseconds.
 */
const maxInPlace = { values: 3_000, yaml: 512 * 1024 };

/** Checks whether composing a plan would block the event loop noticeably. */
export function isHeavy(plan: Plan, sources: ReadonlyMap<Digest, Source>): boolean {
  let bytes = 0;
  for (const { chart } of sources.values()) bytes += yamlOf(chart);
  return bytes > maxInPlace.yaml || countNodeValues(plan.root, maxInPlace.values) < 0;
}

function yamlOf({ files, subcharts }: Chart): number {
  let bytes = files.get('values.yaml')?.length ?? 0;
  for (const subchart of subcharts) bytes += yamlOf(subchart);
  return bytes;
}

/** Counts a node's configured values down. @returns the remaining number; below zero the counting stops */
function countNodeValues({ config, children }: PlannedNode, remaining: number): number {
  let rest = config ? countValues(config, remaining) : remaining;
  for (const { node } of children) {
    if (rest < 0) break;
    rest = countNodeValues(node, rest);
  }
  return rest;
}

function countValues(value: Json, remaining: number): number {
  let rest = remaining - 1;
  if (typeof value !== 'object' || value === null) return rest;
  for (const key in value) {
    if (rest < 0) break;
    rest = countValues(Array.isArray(value) ? (value[Number(key)] ?? null) : (value[key] ?? null), rest);
  }
  return rest;
}
