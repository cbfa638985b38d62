import { createDeadline, type Job, type JobHandle, type SucceededJob } from '../../../client/src/index.ts';
import { CommandError } from '../command-error.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Session } from '../session/session.ts';

/** Time for which a command waits for a job. */
export interface WaitOptions {
  /** Milliseconds. */
  timeoutMs: number;
  /** Called with the job now and after each change. */
  onChange?(job: Job): void;
}

/**
 * Waits for the end of a job, and shows how far it is. The job goes on when the command ends before.
 * @throws {CommandError} after the timeout; {RegistryError} of a job that fails or is cancelled
 */
export async function waitForJob(
  { signal, progress, note }: Session,
  handle: JobHandle,
  { timeoutMs, onChange }: WaitOptions,
): Promise<SucceededJob> {
  const deadline = createDeadline(timeoutMs, [signal]);
  try {
    for await (const job of handle.events({ signal: deadline.signal })) {
      progress.show(describeProgress(job));
      onChange?.(job);
    }
    return await handle.wait({ signal: deadline.signal });
  } catch (error) {
    const rest = `job ${handle.id} goes on: \`helm-registry job watch ${handle.id}\` follows it`;
    if (deadline.signal.aborted && !signal.aborted)
      throw new CommandError(`not done after ${timeoutMs / 1000} s; ${rest}`, exitCodes.timeout);
    if (signal.aborted) note(rest);
    throw error;
  } finally {
    deadline.dispose();
  }
}

/** Renders how far a job is. */
export function describeProgress({ state, progress: { stage, done, total } }: Job): string {
  const isUnderWay = state === 'running' || state === 'queued';
  return isUnderWay ? `${state}  ${stage} ${done} of ${total}` : state;
}
