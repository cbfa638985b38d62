import type { Plan } from '../recipe/plan.ts';
import { stageBlob } from '../registry/blob-references.ts';
import { withTimeout } from '../runtime/timeout.ts';
import type { StagedChart } from './composed.ts';
import type { JobDeps } from './jobs.ts';
import type { EnteredStage } from './stages.ts';

/** Milliseconds that a request may compose without a job, which clients cannot see or cancel meanwhile. */
const timeoutMs = 1_000;

/**
 * Composes a plan in this process and puts the archive into the store.
 * @returns undefined when no slot is free, the composition fails, or it takes over a second. The caller queues a job
 *   then, so that clients can follow it and see the failure
 */
export async function composeInline(jobs: JobDeps, plan: Plan): Promise<StagedChart | undefined> {
  const slot = jobs.compositionSlots.tryAcquire();
  if (!slot) return undefined;
  const { release } = slot;
  const startedAt = performance.now();
  const stage = async () => {
    const composed = await slot.compose(plan);
    const stages: EnteredStage[] = [
      ['composing', 0],
      ['storing', Math.round(performance.now() - startedAt)],
    ];
    return (
      composed && { ...composed, startedAt, stages, blob: await stageBlob(jobs, composed.archive), release }
    );
  };
  const staging = jobs.tracing.run({ name: 'compose chart', kind: 'internal' }, stage).catch(() => undefined);
  const staged = await withTimeout(staging, timeoutMs, undefined);
  // Keep the slot until the put ends: the archive is still in memory.
  if (!staged) void staging.then(release);
  return staged;
}
