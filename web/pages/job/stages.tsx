import { isFinal, type Job, type StageTimes } from '@helm-registry/client';
import { describeDuration } from '../../parts/time.tsx';

/** Stages of a job with their times, one after the other. Those that took longer are wider. */
export function Stages({ job }: { job: Job }) {
  const stages = listStages(job);
  return (
    <ol class="stages" aria-label="Stages">
      {stages.map(({ stage, startedAt, finishedAt }) => (
        <li key={`${stage} ${startedAt}`} data-state={finishedAt === undefined ? 'current' : 'over'}>
          <span>{stage}</span>
          <span class="small muted number">
            {finishedAt === undefined
              ? 'now'
              : describeDuration(Date.parse(finishedAt) - Date.parse(startedAt))}
          </span>
        </li>
      ))}
      {isFinal(job) ? (
        <li data-state={job.state}>
          <span>{job.state}</span>
        </li>
      ) : null}
    </ol>
  );
}

/** Lists the stages of a job; of one without times of each, that it waited and that it ran. */
function listStages({ stages, createdAt, startedAt, finishedAt }: Job): StageTimes[] {
  if (stages && stages.length > 0) return stages;
  const queuedUntil = startedAt ?? finishedAt ?? undefined;
  const waited: StageTimes = {
    stage: 'queued',
    startedAt: createdAt,
    ...(queuedUntil === undefined ? {} : { finishedAt: queuedUntil }),
  };
  if (startedAt === null) return [waited];
  return [waited, { stage: 'composing', startedAt, ...(finishedAt === null ? {} : { finishedAt }) }];
}
