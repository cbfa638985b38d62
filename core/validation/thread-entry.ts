import { RegistryError } from '../errors.ts';
import type { ThreadExceeded } from '../runtime/threads/thread.ts';
import { programBeside } from '../runtime/threads/worker-entry.ts';

/** Where the program of the checking threads lies: beside this file, compiled or not. */
export function threadProgram(): URL {
  return programBeside(import.meta.url, 'thread-main');
}

/**
 * Limits of the threads that check values and preview recipes, the same for both, so that a dry run and its job have one
 * verdict. Schemas are bounded in steps; `limit`, in milliseconds, only ends what hangs, and gives no verdict.
 */
export const threadLimits = { limit: 30_000, memory: 512 };

export function checkStopped({ message }: ThreadExceeded): RegistryError {
  return new RegistryError(
    'service.busy',
    `The values could not be checked: that takes ${message}. Try again, or with fewer and smaller values.`,
  );
}
