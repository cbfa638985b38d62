/** How the time that a process has to end is shared out; milliseconds from the signal on. */
export interface ShutdownShares {
  /** Requests and jobs in hand may take so long; then requests are cut off, and jobs given back. */
  inHand: number;
  /** Then the process ends, closed or not. */
  all: number;
}

/**
 * Three quarters are for what is in hand, the rest is for giving back and closing.
 * @param seconds that a process has to end
 */
export function shareShutdown(seconds: number): ShutdownShares {
  return { inHand: seconds * 750, all: seconds * 1000 };
}
