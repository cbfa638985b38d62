import type { z } from '@hono/zod-openapi';
import { RegistryError } from '../../core/errors.ts';
import { boundText } from '../../core/runtime/bound-text.ts';
import { suggestName } from '../../core/runtime/nearest-name.ts';
import { appendPointer } from '../../core/yaml/json-pointer.ts';

/**
 * Makes the error of a JSON body's unknown key, with the nearest known one. A typing error that is ignored would
 * change the result.
 */
export function unknownKeyError(key: string, known: readonly string[], parent = ''): RegistryError {
  const pointer = appendPointer(parent, boundText(key, 60));
  return new RegistryError('request.invalid', `${pointer} is not a key here. ${suggestName(key, known)}`, {
    pointer,
  });
}

/** Finds the first unknown key that a strict schema has refused. @returns undefined for any other fault */
export function findUnknownKey(
  schema: z.ZodObject,
  error: z.ZodError | undefined,
): RegistryError | undefined {
  const issue = error?.issues.find(({ path }) => path.length === 0);
  const key = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  return key === undefined ? undefined : unknownKeyError(key, Object.keys(schema.shape));
}
