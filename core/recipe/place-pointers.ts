import { RegistryError } from '../errors.ts';
import { isObject } from '../yaml/json.ts';
import { describePlace, type Place } from './text-places.ts';
import type { Warning } from './warning.ts';

/** Places of nodes, packages and configured values in the text of a recipe, `[line, column]` by pointer. A job keeps them. */
export type RecipePlaces = Readonly<Record<string, readonly [number, number]>>;

/** Finds the place of a pointer; undefined where it is not known. */
export type FindPlace = (pointer: string) => Place | undefined;

/** Creates the look-up of the places that a job has kept. */
export function createPlaceLookup(places: RecipePlaces | null | undefined): FindPlace {
  return (pointer) => {
    const known = places && Object.hasOwn(places, pointer) ? places[pointer] : undefined;
    return known && { line: known[0], column: known[1] };
  };
}

/** Lists in details: each item has a pointer of its own. */
const detailListKeys = ['errors', 'dependencies'];

/** Lists the pointers of an error that has no line and column yet. An error without a pointer has none. */
export function pointersOf({ details }: RegistryError): string[] {
  if (details?.pointer === undefined || details.line !== undefined) return [];
  const items = detailListKeys.flatMap((key) => itemsOf(details[key]));
  return [details.pointer, ...items.flatMap(({ pointer }) => (typeof pointer === 'string' ? [pointer] : []))];
}

/**
 * Copies an error with line and column of its pointer. Items of its lists get theirs too.
 * An error whose place is not known, or known already, is returned unchanged.
 */
export function addPlaceToError(error: RegistryError, find: FindPlace): RegistryError {
  const [pointer] = pointersOf(error);
  const place = pointer === undefined ? undefined : find(pointer);
  if (!place) return error;
  const { code, message, details = {} } = error;
  const placed = detailListKeys.flatMap((key) => {
    const list = details[key];
    return Array.isArray(list)
      ? [[key, list.map((item: unknown) => addPlaceToItem(item, find))] as const]
      : [];
  });
  const sentence = message.endsWith('.') ? message.slice(0, -1) : message;
  const end = message.endsWith('.') ? '.' : '';
  return new RegistryError(code, `${sentence} (${describePlace(place)})${end}`, {
    ...details,
    ...place,
    ...Object.fromEntries(placed),
  });
}

/** Copies warnings with the places that are known. One about the whole recipe gets none. */
export function addPlacesToWarnings(warnings: readonly Warning[], find: FindPlace): Warning[] {
  return warnings.map((warning) => {
    const place = warning.place || warning.pointer === '' ? undefined : find(warning.pointer);
    return place ? { ...warning, place } : warning;
  });
}

function addPlaceToItem(item: unknown, find: FindPlace): unknown {
  if (!isObject(item) || typeof item.pointer !== 'string') return item;
  return { ...item, ...find(item.pointer) };
}

function itemsOf(list: unknown): { pointer?: unknown }[] {
  return Array.isArray(list) ? list.filter(isObject) : [];
}
