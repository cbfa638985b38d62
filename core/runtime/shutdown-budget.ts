/** How the time that a process has to end is shared out; milliseconds from the signal on. */
export interface ShutdownBudget {
  /** Requests and jobs in hand may take so long; then requests are cut off, and jobs given back. */
  drainMs: number;
  /** Then the process ends, closed or not. */
  totalMs: number;
}

/**
 * Three quarters are for what is in hand, the rest is for giving back and closing.
 * @param seconds that a process has to end
 */
export function splitShutdownBudget(seconds: number): ShutdownBudget {
  return { drainMs: seconds * 750, totalMs: seconds * 1000 };
}
