import { randomUUID } from 'node:crypto';
import type { Database } from '../core/db/port.ts';
import { recordLiveWorker, removeLiveWorker, signIntervalMs } from '../core/jobs/live-workers.ts';
import type { Log } from '../core/runtime/log.ts';
import { type Repetition, startRepeating } from '../core/runtime/repeat.ts';

/**
 * Starts recording that this worker lives: now, and every few seconds until stopped. By it every process of the registry
 * knows whether any worker runs jobs. Stopping deletes the record; a worker that is killed counts as dead soon after.
 */
export async function startSignsOfLife(db: Database, log: Log): Promise<Repetition & { id: string }> {
  const id = randomUUID();
  const onError = (error: unknown) =>
    log.warn({ error }, 'the worker could not record that it lives, it is tried again');
  // The first is awaited, so that a process which has started its worker knows of it.
  await recordLiveWorker(db, id).catch(onError);
  const signs = startRepeating(() => recordLiveWorker(db, id), signIntervalMs, onError);
  return {
    id,
    async stop() {
      await signs.stop();
      await removeLiveWorker(db, id).catch(onError);
    },
  };
}
