import { getPriority, setPriority } from 'node:os';

/** Niceness of heavy work: a tenth of the processor time of a thread at 0, where they compete. */
const niceness = 10;

/**
 * Lowers the priority of the calling thread. The event loop and PostgreSQL get the processor first. Linux has a
 * priority for each thread; elsewhere it would be the whole process's, so nothing changes there.
 */
export function lowerPriority(): void {
  // A process that runs at a lower priority already may not raise it.
  if (process.platform === 'linux' && getPriority() < niceness) setPriority(niceness);
}
