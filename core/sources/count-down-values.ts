import type { Json } from '../yaml/json.ts';

/** Counts the values of a document down. @returns the remaining number; below zero the counting stops */
export function countDownValues(value: Json, remaining: number): number {
  let rest = remaining - 1;
  if (typeof value !== 'object' || value === null) return rest;
  for (const key in value) {
    if (rest < 0) break;
    rest = countDownValues(Array.isArray(value) ? (value[Number(key)] ?? null) : (value[key] ?? null), rest);
  }
  return rest;
}
