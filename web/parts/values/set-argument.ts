import { splitPointer } from './values-tree.ts';

/**
 * Writes helm's argument that sets a key to a value, quoted for a shell. Texts that `--set` would read as
 * something else take `--set-string`; maps, lists and fractions take `--set-json`.
 * @returns undefined for a key that no argument can name, such as an empty one
 */
export function writeSetArgument(pointer: string, value: unknown, values: unknown): string | undefined {
  const key = writeKey(pointer, values);
  if (key === undefined) return undefined;
  if (typeof value === 'string') {
    const option = isReadAsOtherType(value) ? '--set-string' : '--set';
    return `${option} ${quoteForShell(`${key}=${escapeValue(value)}`)}`;
  }
  if (value === null || typeof value === 'boolean' || isSmallInteger(value)) {
    return `--set ${quoteForShell(`${key}=${value}`)}`;
  }
  return `--set-json ${quoteForShell(`${key}=${JSON.stringify(value)}`)}`;
}

/** Quotes a word for a POSIX shell, where it needs that. */
export function quoteForShell(word: string): string {
  return /^[\w@%+:,./=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function writeKey(pointer: string, values: unknown): string | undefined {
  let key = '';
  let value = values;
  for (const part of splitPointer(pointer)) {
    if (part === '') return undefined;
    if (Array.isArray(value)) key += `[${part}]`;
    else key += (key === '' ? '' : '.') + part.replaceAll(/[\\=[,.]/g, '\\$&');
    value = childOf(value, part);
  }
  return key === '' ? undefined : key;
}

function childOf(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return value[Number(name)];
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}

// A comma ends a value, and a brace at its beginning begins a list.
function escapeValue(value: string): string {
  return value.replaceAll(/[\\,]/g, '\\$&').replace(/^\{/, '\\{');
}

/** Tells whether Helm reads a text as a boolean, a null or a whole number. */
function isReadAsOtherType(text: string): boolean {
  return /^(?:true|false|null|0|[-+]?\d+)$/i.test(text);
}

function isSmallInteger(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && !Object.is(value, -0);
}
