/**
 * Runs work while the page is seen. Browsers open six connections to a server at the most, for all tabs together, and a
 * stream of events takes one until it ends. So hidden tabs leave their connections to the visible one.
 * @param begin starts the work, each time that the page comes into sight; the signal ends it
 * @returns what ends the work for good
 */
export function runWhileVisible(begin: (signal: AbortSignal) => void): () => void {
  let running: AbortController | undefined;
  const onVisibility = () => {
    const isSeen = document.visibilityState !== 'hidden';
    if (isSeen === (running !== undefined)) return;
    running?.abort();
    running = isSeen ? new AbortController() : undefined;
    if (running) begin(running.signal);
  };
  document.addEventListener('visibilitychange', onVisibility);
  onVisibility();
  return () => {
    document.removeEventListener('visibilitychange', onVisibility);
    running?.abort();
  };
}
