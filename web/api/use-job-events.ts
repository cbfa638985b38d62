import { useEffect, useRef } from 'preact/hooks';
import { registry } from './registry.ts';
import { runWhileVisible } from './run-while-visible.ts';

/** Milliseconds between two looks where the registry has no stream of events, while the page is seen. */
const pollMs = 2000;

/** Shortest time between two reloads, in milliseconds: many jobs may change together. */
const minReloadMs = 500;

/**
 * Reloads once the stream of all jobs has begun, and when a job changes. Where there is no stream, each two seconds.
 * @param reload loads the jobs anew
 */
export function useJobEvents(reload: () => void): void {
  const latest = useRef(reload);
  latest.current = reload;
  useEffect(() => {
    let isFirst = true;
    return runWhileVisible((signal) => {
      const changed = createThrottledCall(() => latest.current(), signal);
      // Changes while the page was hidden are not sent again.
      if (!isFirst) changed();
      isFirst = false;
      void streamJobChanges(changed, signal);
    });
  }, []);
}

async function streamJobChanges(changed: () => void, signal: AbortSignal): Promise<void> {
  try {
    for await (const _ of registry.jobs.changes({}, { signal })) changed();
  } catch {
    if (signal.aborted) return;
    const poll = setInterval(() => {
      if (document.visibilityState === 'visible') changed();
    }, pollMs);
    signal.addEventListener('abort', () => clearInterval(poll));
  }
}

/** Calls a function at once, and what comes while it rests once more afterwards. */
function createThrottledCall(call: () => void, signal: AbortSignal): () => void {
  let isResting = false;
  let isDue = false;
  const changed = () => {
    if (signal.aborted) return;
    isDue = true;
    if (isResting) return;
    isDue = false;
    isResting = true;
    call();
    setTimeout(() => {
      isResting = false;
      if (isDue) changed();
    }, minReloadMs);
  };
  return changed;
}
