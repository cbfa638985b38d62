import { isObject, type Json, type JsonObject } from '../json.ts';

const words = /^[A-Za-z][A-Za-z0-9_./-]*(?: [A-Za-z0-9_./-]+)*$/;

/** What is no string to one dialect or another. */
const meaning = /^(?:y|n|yes|no|on|off|true|false|null|nan|inf)$/i;

/** Three numbers are none. */
const version = /^\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?$/;

const spaces = '                                                                                ';

/** Whether a text stands for itself in every dialect, without quotes. */
export function isPlainText(text: string): boolean {
  return (words.test(text) && !meaning.test(text)) || version.test(text);
}

/**
 * What `stringifyYaml` writes of a map, where that is nothing but words, whole numbers and the like: most of what recipes say
 * is, and writing in general takes ten times as long.
 * @param column spaces before its keys
 * @returns undefined where it is something else
 */
export function writePlain(map: JsonObject, column: number, newline: string): string | undefined {
  if (column >= spaces.length) return undefined;
  let lines = '';
  for (const key of Object.keys(map)) {
    if (!words.test(key) || key.includes(' ') || meaning.test(key)) return undefined;
    const value = writeValue(map[key] ?? null, column, newline);
    if (value === undefined) return undefined;
    lines += `${spaces.slice(0, column)}${key}:${value}`;
  }
  return lines;
}

function writeValue(value: Json, column: number, newline: string): string | undefined {
  if (typeof value === 'boolean' || (Number.isSafeInteger(value) && !Object.is(value, -0))) {
    return ` ${value}${newline}`;
  }
  if (typeof value === 'string') return isPlainText(value) ? ` ${value}${newline}` : undefined;
  if (Array.isArray(value)) return value.length === 0 ? undefined : writeList(value, column + 2, newline);
  if (!isObject(value) || Object.keys(value).length === 0) return undefined;
  const inner = writePlain(value, column + 2, newline);
  return inner === undefined ? undefined : newline + inner;
}

/** Behind the key of a list: its items, each behind a dash. */
function writeList(items: readonly Json[], column: number, newline: string): string | undefined {
  let lines = newline;
  for (const item of items) {
    if (Array.isArray(item)) return undefined;
    const inner = isObject(item)
      ? writePlain(item, column + 2, newline)
      : writeValue(item, column, newline)?.slice(1);
    if (inner === undefined || inner === '') return undefined;
    // The first line of a map stands behind the dash.
    lines += `${spaces.slice(0, column)}- ${isObject(item) ? inner.slice(column + 2) : inner}`;
  }
  return lines;
}
