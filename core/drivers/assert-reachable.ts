import { StartError } from '../runtime/startup-error.ts';
import { errorCode } from '../runtime/transient-errors.ts';

/**
 * Checks that a part can be reached.
 * @param explain makes problem and remedy of the attempt's error
 * @throws {StartError} with the part and the reason; never its address, which may contain a password
 */
export async function assertReachable(
  part: string,
  attempt: () => Promise<unknown>,
  explain: (error: unknown) => string = errorCode,
): Promise<void> {
  try {
    await attempt();
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw new StartError(`cannot reach ${part}: ${explain(error)}`, { cause: error });
  }
}
