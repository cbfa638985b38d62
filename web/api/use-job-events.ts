import { useEffect, useRef } from 'preact/hooks';
import { jobEventsUrl } from './jobs.ts';

/** Milliseconds between two looks where the registry has no stream of events, while the page is seen. */
const pollMs = 2000;

/** Shortest time between two reloads, in milliseconds: many jobs may change together. */
const restMs = 500;

/**
 * Reloads when a job changes: by the stream of all jobs, or by looking each two seconds where there is none.
 * @param reload loads the jobs anew
 */
export function useJobEvents(reload: () => void): void {
  const latest = useRef(reload);
  latest.current = reload;
  useEffect(() => {
    const events = new EventSource(jobEventsUrl());
    let poll: ReturnType<typeof setInterval> | undefined;
    let rest: ReturnType<typeof setTimeout> | undefined;
    let isDue = false;
    const changed = () => {
      isDue = true;
      if (rest !== undefined) return;
      latest.current();
      isDue = false;
      rest = setTimeout(() => {
        rest = undefined;
        if (isDue) changed();
      }, restMs);
    };
    events.addEventListener('job', changed);
    events.onerror = () => {
      // A connection that was lost comes back by itself; a refusal does not.
      if (events.readyState !== EventSource.CLOSED || poll !== undefined) return;
      poll = setInterval(() => {
        if (document.visibilityState === 'visible') latest.current();
      }, pollMs);
    };
    return () => {
      events.close();
      clearInterval(poll);
      clearTimeout(rest);
    };
  }, []);
}
