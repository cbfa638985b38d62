/** Division of a process's time to end; milliseconds from the signal on. */
export interface ShutdownBudget {
  /** Time for running requests and jobs; then requests are cut off and jobs released. */
  drainMs: number;
  /** Time after which the process exits, closed or not. */
  totalMs: number;
}

/**
 * Divides the time of a shutdown: three quarters drain, the rest releases and closes.
 * @param seconds that the process has to end
 */
export function splitShutdownBudget(seconds: number): ShutdownBudget {
  return { drainMs: seconds * 750, totalMs: seconds * 1000 };
}
