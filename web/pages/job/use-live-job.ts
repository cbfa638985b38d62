import { isFinal, type Job } from '@helm-registry/client';
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { jobQuery } from '../../api/jobs.ts';
import { registry } from '../../api/registry.ts';
import { type Loaded, useData } from '../../api/use-data.ts';
import { whileSeen } from '../../api/while-seen.ts';

/**
 * Loads a job and follows its changes to its end.
 * @param onEnd is called when a job that was not over has ended
 */
export function useLiveJob(id: string, onEnd: (job: Job) => void): Loaded<Job> {
  const loaded = useData(jobQuery, id);
  const latest = useSignal<Job | undefined>(undefined);
  const isOver = loaded.value === undefined ? undefined : isFinal(loaded.value);
  useEffect(() => {
    if (isOver !== false) return;
    const follow = async (signal: AbortSignal) => {
      for await (const job of registry.jobs.events(id, { signal })) {
        const wasOver = latest.value !== undefined && isFinal(latest.value);
        latest.value = job;
        if (isFinal(job) && !wasOver) onEnd(job);
      }
    };
    // The client connects again by itself; what it gives up on is said by the next load.
    return whileSeen((signal) => {
      follow(signal).catch(() => {
        if (!signal.aborted) loaded.reload();
      });
    });
  }, [id, isOver]);
  return { ...loaded, value: latest.value ?? loaded.value };
}
