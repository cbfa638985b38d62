import { reasonOf } from '../runtime/error-code.ts';
import { StartError } from '../runtime/startup-error.ts';

/**
 * Tries whether a part can be reached.
 * @param explain what is wrong and what to do, from what the attempt failed with
 * @throws {StartError} that names the part and the reason; never its address, which may hold a password
 */
export async function reach(
  part: string,
  attempt: () => Promise<unknown>,
  explain: (error: unknown) => string = reasonOf,
): Promise<void> {
  try {
    await attempt();
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw new StartError(`cannot reach ${part}: ${explain(error)}`, { cause: error });
  }
}
