import { reasonOf } from '../reason.ts';
import { StartError } from '../start-error.ts';

/**
 * Tries whether a part can be reached.
 * @throws {StartError} that names the part and what its driver said; never its address, which may hold a password
 */
export async function reach(part: string, attempt: () => Promise<unknown>): Promise<void> {
  try {
    await attempt();
  } catch (error) {
    throw new StartError(`cannot reach ${part}: ${reasonOf(error)}`, { cause: error });
  }
}
