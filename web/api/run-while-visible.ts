/**
 * Runs work while the page is seen. Browsers open six connections to a server at the most, for all tabs together, and
 * a stream of events takes one until it ends: tabs that nobody sees must leave them to the one that is seen.
 * @param begin starts the work, each time that the page comes into sight; the signal ends it
 * @returns what ends the work for good
 */
export function runWhileVisible(begin: (signal: AbortSignal) => void): () => void {
  let running: AbortController | undefined;
  const look = () => {
    const isSeen = document.visibilityState !== 'hidden';
    if (isSeen === (running !== undefined)) return;
    running?.abort();
    running = isSeen ? new AbortController() : undefined;
    if (running) begin(running.signal);
  };
  document.addEventListener('visibilitychange', look);
  look();
  return () => {
    document.removeEventListener('visibilitychange', look);
    running?.abort();
  };
}
