import { RegistryError } from '../../errors.ts';
import type { Json } from '../../yaml/json.ts';
import { isKeyFault } from '../expect.ts';
import { addPlaceToError } from '../place-pointers.ts';
import type { Place } from '../text-places.ts';
import { createPlaceFinder } from './find-place.ts';
import { readYamlDocument } from './read-document.ts';
import { toJson } from './to-json.ts';
import { yamlSyntaxError } from './yaml-fault.ts';

/** A text of YAML that was read. */
export interface ParsedYamlText {
  value: Json;
  /** Finds the place of a pointer into the value; of the key itself where `of` says so. */
  findPlace(pointer: string, of?: 'key' | 'value'): Place;
  /** Adds line and column to an error that has a pointer into the value; returns any other error unchanged. */
  locate(error: unknown): unknown;
}

/**
 * Parses the text of a request's body as YAML.
 * @throws {RegistryError} as `readYamlDocument` and `toJson`
 */
export function parseYamlText(original: string): ParsedYamlText {
  const document = readYamlDocument(withoutByteOrderMark(original));
  const { contents } = document.document;
  if (contents === null || (contents.range[0] === contents.range[1] && !contents.anchor))
    throw yamlSyntaxError({ line: 1, column: 1 }, 'the body is empty. Send a recipe');
  const value = toJson(document);
  // Most recipes have no fault and no place to find, so the finder is made when it is needed.
  let finder: ReturnType<typeof createPlaceFinder> | undefined;
  const findPlace: ParsedYamlText['findPlace'] = (pointer, of) => {
    finder ??= createPlaceFinder(document);
    return finder(pointer, of);
  };
  return {
    value,
    findPlace,
    locate(error) {
      if (!(error instanceof RegistryError)) return error;
      return addPlaceToError(error, (pointer) => findPlace(pointer, isKeyFault(error) ? 'key' : 'value'));
    },
  };
}

/**
 * Finds the places of pointers in a YAML text that had no fault.
 * @throws {RegistryError} as `readYamlDocument`
 */
export function findYamlPlaces(text: string, pointers: readonly string[]): Place[] {
  const findPlace = createPlaceFinder(readYamlDocument(withoutByteOrderMark(text)));
  return pointers.map((pointer) => findPlace(pointer));
}

function withoutByteOrderMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}
