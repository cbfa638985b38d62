import { isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { ConfigFault } from './recipe-of-draft.ts';

/**
 * Finds the line of a key in the YAML of a configuration.
 * @param pointer JSON pointer below the configuration, as `/auth/user`
 * @returns the line of the key, or of the nearest one above it that is there, from 1
 */
export function lineOfPointer(text: string, pointer: string): number {
  const lines = new LineCounter();
  let here: unknown = parseDocument(text, { lineCounter: lines }).contents;
  let offset = 0;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    const found = findYamlChild(here, key);
    if (!found) break;
    if (isNode(found.place)) offset = found.place.range?.[0] ?? offset;
    here = found.value;
  }
  return lines.linePos(offset).line;
}

/**
 * Makes the fault of a configuration from an error of the registry about it.
 * @param pointer pointer of the error
 * @param config pointer of the configuration in the recipe
 * @returns undefined for an error about something else
 */
export function toConfigFault(
  text: string,
  pointer: string,
  config: string,
  message: string,
): ConfigFault | undefined {
  if (pointer !== config && !pointer.startsWith(`${config}/`)) return undefined;
  return { message, line: lineOfPointer(text, pointer.slice(config.length)) };
}

/** Writes a fault with its line, as it is read aloud. */
export function writeFault({ line = 1, message }: ConfigFault): string {
  return `Line ${line}: ${message}`;
}

function findYamlChild(node: unknown, key: string): { place: unknown; value: unknown } | undefined {
  if (isMap(node)) {
    const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
    return pair && { place: pair.key, value: pair.value };
  }
  const item = isSeq(node) ? node.items[Number(key)] : undefined;
  return item === undefined ? undefined : { place: item, value: item };
}
