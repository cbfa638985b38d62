import { type ErrorCode, RegistryError } from '../../errors.ts';

/** Place in a text: line and column, both counted from 1; columns in UTF-16 units. */
export interface Place {
  line: number;
  column: number;
}

/** Writes a place for a message. */
export function describePlace({ line, column }: Place): string {
  return `line ${line}, column ${column}`;
}

/** Makes the error of a value that YAML allows and a recipe does not. `fault` follows the pointer in the message. */
export function yamlFault(
  pointer: string,
  place: Place,
  fault: string,
  code: ErrorCode = 'request.notYaml',
): RegistryError {
  const message = `${pointer || 'the body'} ${fault} (${describePlace(place)})`;
  return new RegistryError(code, message, { pointer, ...place });
}

/** Makes the error of a text that is not YAML. @param pointer pointer of the value around the place, if known */
export function syntaxFault(place: Place, reason: string, pointer?: string): RegistryError {
  return new RegistryError('request.notYaml', `the body is not YAML: ${describePlace(place)}: ${reason}`, {
    ...(pointer === undefined ? {} : { pointer }),
    ...place,
  });
}
