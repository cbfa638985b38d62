import { clientCodes, isRegistryError } from '../../../client/src/index.ts';
import { type Explanation, explainError } from '../explain-error.ts';

/**
 * Explains why work on an item of many failed.
 * @throws what would fail for every other item as well: wrong credentials, no connection, a fault of the program
 */
export function explainItemFailure(error: unknown): Explanation {
  const concernsAll =
    isRegistryError(error) && (error.status === 401 || error.code === clientCodes.connection);
  const explained = explainError(error);
  if (concernsAll || !explained) throw error;
  return explained;
}
