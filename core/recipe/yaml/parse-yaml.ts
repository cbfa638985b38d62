import { RegistryError } from '../../errors.ts';
import type { Json } from '../../yaml/json.ts';
import { isKeyFault } from '../expect.ts';
import { findPlace } from './find-place.ts';
import { readYamlDocument } from './read-document.ts';
import { toJson } from './to-json.ts';
import { describePlace, type Place, syntaxFault } from './yaml-fault.ts';

/** A text of YAML that was read. */
export interface ParsedYamlText {
  value: Json;
  /** Adds line and column to an error that has a pointer into the value; returns any other error unchanged. */
  locate(error: unknown): unknown;
}

/**
 * Parses the text of a request's body as YAML.
 * @throws {RegistryError} as `readYamlDocument` and `toJson`
 */
export function parseYamlText(original: string): ParsedYamlText {
  const document = readYamlDocument(withoutMark(original));
  const { contents } = document.document;
  if (contents === null || (contents.range[0] === contents.range[1] && !contents.anchor))
    throw syntaxFault({ line: 1, column: 1 }, 'the body is empty. Send a recipe');
  return {
    value: toJson(document),
    locate(error) {
      const pointer = pointerOf(error);
      if (pointer === undefined || !(error instanceof RegistryError)) return error;
      return addPlace(error, findPlace(document, pointer, isKeyFault(error) ? 'key' : 'value'));
    },
  };
}

/**
 * Finds the place of a pointer in a YAML text that had no fault.
 * @throws {RegistryError} as `readYamlDocument`
 */
export function findYamlPlace(text: string, pointer: string): Place {
  return findPlace(readYamlDocument(withoutMark(text)), pointer, 'value');
}

/** Returns the pointer of an error that has no line and column yet. */
export function pointerOf(error: unknown): string | undefined {
  if (!(error instanceof RegistryError) || error.details?.line !== undefined) return undefined;
  const pointer = error.details?.pointer;
  return typeof pointer === 'string' ? pointer : undefined;
}

/** Copies an error with a place. */
export function addPlace({ code, message, details }: RegistryError, place: Place): RegistryError {
  const sentence = message.endsWith('.') ? message.slice(0, -1) : message;
  const end = message.endsWith('.') ? '.' : '';
  return new RegistryError(code, `${sentence} (${describePlace(place)})${end}`, { ...details, ...place });
}

function withoutMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}
