import type { Job, JobState } from '@helm-registry/client';
import { Badge, type Tone } from './badge.tsx';

const tones: Record<JobState, Tone | undefined> = {
  queued: undefined,
  running: 'accent',
  succeeded: 'good',
  failed: 'danger',
  cancelled: undefined,
};

/** State of a job. */
export function JobBadge({ state }: { state: JobState }) {
  return <Badge tone={tones[state]}>{state}</Badge>;
}

/** Stage of a job that runs, and how much of it is done. Other jobs show their state. */
export function JobProgress({ job: { state, progress } }: { job: Job }) {
  if (state !== 'running') return <JobBadge state={state} />;
  const { stage, done, total } = progress;
  return (
    <span class="row small muted">
      <JobBadge state={state} /> {stage}
      {total > 1 ? (
        <>
          {' '}
          <span class="number">
            {done} of {total}
          </span>
          <progress value={done} max={total} aria-label={`${stage}: ${done} of ${total}`} />
        </>
      ) : null}
    </span>
  );
}
