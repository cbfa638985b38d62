import { isObject, type Json, type JsonObject } from '../../yaml/json.ts';
import { appendPointer } from '../../yaml/json-pointer.ts';
import { cleanYaml } from '../../yaml/parse/decode.ts';
import type { Chart, ChartFiles } from '../chart.ts';
import { computeValues } from '../compute-values.ts';
import { findEmptyValueOrigin } from './empty-values.ts';
import { findKeyLines, type KeyLines } from './key-lines.ts';
import { findMarkedLeaf, markValues } from './mark-values.ts';

/** Chart and file that set a value which templates see. */
export type ValueOrigin = {
  /** Place of the value among the chart's computed values (RFC 6901). */
  pointer: string;
  /** Folder of the chart that set it, `charts/NAME` or deeper; empty for the root. */
  chart: string;
  /** Path of the file. */
  file: string;
  /** Place of the value in the file (RFC 6901). */
  at: string;
  /** Line of its key, from 1 on. */
  line?: number;
};

/** Origins of computed values, and whether some were left out for their length. */
export interface ValueOrigins {
  origins: ValueOrigin[];
  truncated: boolean;
}

/** Bounds of the origins of one chart: public charts have up to some 5,000 values. */
const maxOrigins = { entries: 50_000, units: 8 * 1024 * 1024 };

/**
 * Finds who set each scalar, list and empty map of a chart's computed values. The values are computed once more with a
 * mark in the place of each leaf. So origins follow whatever Helm does with aliases, globals, imports and nulls. What
 * no file set, such as an empty section of a subchart, has no origin.
 * @param folders folder of each chart by its files; empty for the root, with a slash at its end below
 * @throws {RegistryError} as `computeValues`
 */
export function findOrigins(source: Chart, folders: ReadonlyMap<ChartFiles, string>): ValueOrigins {
  const { chart, leaves } = markValues(source);
  const computed = computeValues(chart, {
    readLeaf: (value) => findMarkedLeaf(leaves, value)?.value ?? value,
  });
  const linesOf = createLineFinder();
  const origins: ValueOrigin[] = [];
  let units = 0;

  function note(path: readonly string[], pointer: string, value: Json): void {
    const found = findMarkedLeaf(leaves, value) ?? findEmptyValueOrigin(computed.chart, path, value);
    const folder = found && folders.get(found.files);
    if (!found || folder === undefined) return;
    const line = linesOf(found.files)?.lineOf(found.at);
    const { at } = found;
    units += pointer.length + at.length;
    origins.push({
      pointer,
      chart: folder.slice(0, -1),
      file: `${folder}values.yaml`,
      at,
      ...(line === undefined ? {} : { line }),
    });
  }

  /** Walks the leaves of a map. @returns false once there are too many */
  function walk(map: JsonObject, path: readonly string[], pointer: string): boolean {
    for (const [key, value] of Object.entries(map)) {
      const inner = [...path, key];
      const at = appendPointer(pointer, key);
      if (isObject(value) && Object.keys(value).length > 0) {
        if (!walk(value, inner, at)) return false;
        continue;
      }
      if (origins.length === maxOrigins.entries || units > maxOrigins.units) return false;
      note(inner, at, value);
    }
    return true;
  }

  const isWhole = walk(computed.values, [], '');
  return { origins, truncated: !isWhole };
}

/** Creates the function that finds the lines of a chart's values.yaml, which it reads once. */
function createLineFinder(): (files: ChartFiles) => KeyLines | undefined {
  const known = new Map<ChartFiles, KeyLines | undefined>();
  return (files) => {
    if (!known.has(files)) {
      const content = files.get('values.yaml');
      known.set(files, content && findKeyLines(cleanYaml(content.toString('utf8'))));
    }
    return known.get(files);
  };
}
