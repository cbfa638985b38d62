import { isFinal, type Job } from '@helm-registry/client';
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { jobQuery } from '../../api/jobs.ts';
import { registry } from '../../api/registry.ts';
import { runWhileVisible } from '../../api/run-while-visible.ts';
import { type LoadedData, useData } from '../../api/use-data.ts';
import { latestJob, type StreamedJob } from './latest-job.ts';

/** Milliseconds between two loads where the events of a job cannot be read, while the page is seen. */
const pollMs = 2000;

/**
 * Loads a job and follows its changes to its end.
 * @param onEnd is called when a job that was not over has ended
 */
export function useLiveJob(id: string, onEnd: (job: Job) => void): LoadedData<Job> {
  const loaded = useData(jobQuery, id);
  const latest = useRef(loaded);
  latest.current = loaded;
  const streamed = useSignal<StreamedJob | undefined>(undefined);
  const value = latestJob(loaded.value, streamed.value);
  const isOver = value === undefined ? undefined : isFinal(value);
  const wasRunning = useRef(false);
  useEffect(() => {
    if (value && isOver && wasRunning.current) onEnd(value);
    wasRunning.current = isOver === false;
  }, [isOver]);
  useEffect(() => {
    if (isOver !== false) return;
    const follow = async (signal: AbortSignal) => {
      for await (const job of registry.jobs.events(id, { signal }))
        streamed.value = { job, loaded: latest.current.value };
    };
    return runWhileVisible((signal) => {
      // The client connects again by itself. Where it gives up, the job is loaded, and a load says what is wrong.
      follow(signal).catch(() => loadRepeatedly(() => latest.current, signal));
    });
  }, [id, isOver]);
  return { ...loaded, value };
}

/** Loads data anew from time to time; after a problem a person has to try again first. */
function loadRepeatedly(data: () => LoadedData<Job>, signal: AbortSignal): void {
  if (signal.aborted) return;
  data().reload();
  const timer = setInterval(() => {
    if (data().problem === undefined) data().reload();
  }, pollMs);
  signal.addEventListener('abort', () => clearInterval(timer));
}
