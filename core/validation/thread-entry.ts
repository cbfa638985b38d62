import { RegistryError } from '../errors.ts';
import { type ThreadExceeded, workerEntryUrl } from '../runtime/threads/thread.ts';

/** Returns the URL of the validation thread's program. */
export function validationThreadUrl(): URL {
  return workerEntryUrl(import.meta.url, 'thread-main');
}

/**
 * Limits of the threads for validation and preview, equal so that a dry run and its job have one verdict.
 * Schemas are bounded in steps; `timeoutMs` only ends a call that hangs, without a verdict.
 */
export const threadLimits = { timeoutMs: 30_000, maxHeapMib: 512 };

/** Makes the error of a validation that exceeded its time or memory. */
export function validationStoppedError({ message }: ThreadExceeded): RegistryError {
  return new RegistryError(
    'service.busy',
    `The values could not be checked: that takes ${message}. Try again, or with fewer and smaller values.`,
  );
}
