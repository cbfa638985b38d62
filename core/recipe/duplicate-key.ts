import { appendPointer } from '../yaml/json-pointer.ts';

/** A key that an object of a JSON text has twice. */
export interface DuplicateKey {
  /** RFC 6901 pointer of the key. */
  pointer: string;
  /** Start of the second key, in UTF-16 units. */
  offset: number;
}

/** An object or list around the current place: its keys so far, or the current index. */
type Container = { keys: Set<string>; key: string } | { index: number };

/**
 * Finds the first key that an object has twice; `JSON.parse` would silently keep the last.
 * The walk does not recurse, and its time grows linearly with the text.
 * @param text valid JSON
 */
export function findDuplicateKey(text: string): DuplicateKey | undefined {
  const containers: Container[] = [];
  let isKey = false;
  for (let offset = 0; offset < text.length; offset += 1) {
    const container = containers.at(-1);
    switch (text.charCodeAt(offset)) {
      case quote: {
        const end = endOfString(text, offset);
        if (isKey && container && 'keys' in container) {
          container.key = readKey(text.slice(offset, end));
          if (container.keys.has(container.key)) return { pointer: pointerOf(containers), offset };
          container.keys.add(container.key);
          isKey = false;
        }
        offset = end - 1;
        break;
      }
      case openBrace:
        containers.push({ keys: new Set(), key: '' });
        isKey = true;
        break;
      case openBracket:
        containers.push({ index: 0 });
        isKey = false;
        break;
      case closeBrace:
      case closeBracket:
        containers.pop();
        isKey = false;
        break;
      case comma:
        isKey = container !== undefined && 'keys' in container;
        if (container && 'index' in container) container.index += 1;
        break;
    }
  }
  return undefined;
}

const [quote, backslash, comma, openBrace, closeBrace, openBracket, closeBracket] = [
  ...Buffer.from('"\\,{}[]'),
];

/** Returns the offset behind the string that begins at `start`. */
function endOfString(text: string, start: number): number {
  let offset = start + 1;
  while (text.charCodeAt(offset) !== quote) offset += text.charCodeAt(offset) === backslash ? 2 : 1;
  return offset + 1;
}

/** Decodes a quoted key: `"\u0061"` is `a`. */
function readKey(quoted: string): string {
  return quoted.includes('\\') ? String(JSON.parse(quoted)) : quoted.slice(1, -1);
}

function pointerOf(containers: readonly Container[]): string {
  return containers.reduce(
    (pointer, place) => appendPointer(pointer, 'key' in place ? place.key : place.index),
    '',
  );
}
