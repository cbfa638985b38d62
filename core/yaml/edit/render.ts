import { isObject, type Json, type JsonObject } from '../json.ts';
import { stringifyYaml } from '../yaml.ts';
import { isPlainText, writePlain } from './plain.ts';

/** Renders a scalar or an empty collection as {@link stringifyYaml} does. Returns an empty text for other values. */
export function renderShort(value: Json): string {
  if (isFilled(value)) return '';
  if (typeof value === 'boolean' || (Number.isSafeInteger(value) && !Object.is(value, -0)))
    return String(value);
  // Most changes are such words, and stringifyYaml would take longer than the rest of the edit.
  if (typeof value === 'string' && isPlainText(value)) return value;
  return stringifyYaml(value).trimEnd();
}

/** Tells whether a value is a map or list that is not empty. */
export function isFilled(value: Json): boolean {
  return isObject(value) ? Object.keys(value).length > 0 : Array.isArray(value) && value.length > 0;
}

/** Renders the lines of a map with its keys in a column. */
export function renderMap(map: JsonObject, column: number, newline: string): string {
  return writePlain(map, column, newline) ?? render(map, column, newline);
}

/** Renders the lines of a list with its dashes in a column. */
export function renderList(items: Json[], column: number, newline: string): string {
  return render(items, column, newline);
}

function render(value: Json, column: number, newline: string): string {
  const lines = stringifyYaml(value).slice(0, -1).split('\n');
  return lines.map((line) => (line === '' ? newline : ' '.repeat(column) + line + newline)).join('');
}
