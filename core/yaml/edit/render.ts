import { isObject, type Json, type JsonObject } from '../json.ts';
import { stringifyYaml } from '../yaml.ts';
import { isPlainText, writePlain } from './plain.ts';

/** As {@link stringifyYaml} writes a scalar, or an empty collection; empty where it has lines of its own. */
export function shortForm(value: Json): string {
  if (isFilled(value)) return '';
  if (typeof value === 'boolean' || Number.isSafeInteger(value)) return String(value);
  // Most changes are such words, and writing in general takes longer than all else about them.
  if (typeof value === 'string' && isPlainText(value)) return value;
  return stringifyYaml(value).trimEnd();
}

/** Whether a value is a map or list that has something in it. */
export function isFilled(value: Json): boolean {
  return isObject(value) ? Object.keys(value).length > 0 : Array.isArray(value) && value.length > 0;
}

/** Lines of a map whose keys stand in a column. */
export function renderMap(map: JsonObject, column: number, newline: string): string {
  return writePlain(map, column, newline) ?? render(map, column, newline);
}

/** Lines of a list whose dashes stand in a column. */
export function renderList(items: Json[], column: number, newline: string): string {
  return render(items, column, newline);
}

function render(value: Json, column: number, newline: string): string {
  const lines = stringifyYaml(value).slice(0, -1).split('\n');
  return lines.map((line) => (line === '' ? newline : ' '.repeat(column) + line + newline)).join('');
}
