import type { ChartFile, DeclaredDependency } from '@helm-registry/client';
import { joinPointer, splitPointer } from '../../../parts/values/values-tree.ts';

/** Schema that speaks of a key, and the key's pointer for it. */
export interface FoundSchema {
  path: string;
  pointer: string;
}

/**
 * Finds the schema of the chart that reads a key. The schema is that of the innermost chart inside by whose name the key
 * begins, or else the chart's own.
 * @param dependencies of the chart, whose aliases name keys
 */
export function findSchema(
  pointer: string,
  files: readonly ChartFile[],
  dependencies: readonly DeclaredDependency[],
): FoundSchema | undefined {
  const schemas = new Set(files.flatMap(({ path, kind }) => (kind === 'schema' ? [path] : [])));
  const parts = splitPointer(pointer);
  let folder = '';
  let found: FoundSchema | undefined;
  for (let depth = 0; depth < parts.length; depth++) {
    const path = `${folder}values.schema.json`;
    if (schemas.has(path)) found = { path, pointer: parts.slice(depth).reduce(joinPointer, '') };
    const key = parts[depth] ?? '';
    const name = depth === 0 ? (dependencies.find(({ alias }) => alias === key)?.name ?? key) : key;
    folder = `${folder}charts/${name}/`;
  }
  return found;
}
