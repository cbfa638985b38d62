import { type ErrorCode, RegistryError } from '../../errors.ts';
import { describePlace, type Place } from '../text-places.ts';

/** Makes the error of a value that YAML allows and a recipe does not. `fault` follows the pointer in the message. */
export function yamlValueError(
  pointer: string,
  place: Place,
  fault: string,
  code: ErrorCode = 'request.notYaml',
): RegistryError {
  const message = `${pointer || 'the body'} ${fault} (${describePlace(place)})`;
  return new RegistryError(code, message, { pointer, ...place });
}

/** Makes the error of a text that is not YAML. @param pointer pointer of the value around the place, if known */
export function yamlSyntaxError(place: Place, reason: string, pointer?: string): RegistryError {
  return new RegistryError('request.notYaml', `the body is not YAML: ${describePlace(place)}: ${reason}`, {
    ...(pointer === undefined ? {} : { pointer }),
    ...place,
  });
}
