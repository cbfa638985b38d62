/** Stages of a job, in their order: waiting, loading its sources, composing the chart, storing it; `done` when it is over. */
export const jobStages = ['queued', 'fetching', 'composing', 'storing', 'done'] as const;
/** Stage of a job, as in its row. */
export type JobStage = (typeof jobStages)[number];

/** Stage that a job has entered, and the milliseconds since the job was created. Kept with its row. */
export type EnteredStage = readonly [stage: Exclude<JobStage, 'done'>, atMs: number];

/** Stage with its times; the one that a job is in has no end. Times are ISO 8601. */
export interface StageTimes {
  stage: Exclude<JobStage, 'done'>;
  startedAt: string;
  finishedAt?: string;
}

/** Stages that are kept of a job, the first and the latest: a job may be tried for a day. */
const maxStages = 60;

/** Stages of a job that waits for its first worker. */
export const waitingStages: readonly EnteredStage[] = [['queued', 0]];

/** SQL of the stages of a job that enters one more by this statement. */
export function enterStageSql(stage: 'queued' | 'fetching'): string {
  return `CASE WHEN jsonb_array_length(stages) >= ${maxStages} THEN stages - 1 ELSE coalesce(stages, '[]') END
    || jsonb_build_array(jsonb_build_array('${stage}', round(extract(epoch FROM clock_timestamp() - created_at) * 1000)))`;
}

/** Part of a claimed job by which its stages are timed. */
export interface StageClock {
  /** Seconds from its acceptance to its claim. */
  ageSeconds: number;
  /** When it was claimed, by `performance.now()`. */
  claimedAt: number;
  /** Stages that it has entered, those of this claim included; each later write stores them. */
  stages: readonly EnteredStage[];
}

/** Records that a claimed job enters a stage. The next report of the job, or its end, stores it. */
export function enterStage(job: StageClock, stage: 'composing' | 'storing'): void {
  const atMs = Math.round(job.ageSeconds * 1000 + performance.now() - job.claimedAt);
  job.stages = [...job.stages, [stage, atMs]];
}

/** Adds the times to the stages of a job. Each ends where the next begins, and the last with the job. */
export function timeStages(
  stages: readonly EnteredStage[],
  { createdAt, finishedAt }: { createdAt: Date; finishedAt: Date | null },
): StageTimes[] {
  // Times are by several clocks, and by the times of several transactions: no stage begins or ends before another.
  let latest = createdAt.getTime();
  const starts = stages.map(([, atMs]) => {
    latest = Math.max(latest, createdAt.getTime() + atMs);
    return latest;
  });
  return stages.map(([stage], index) => {
    const startedAt = starts[index] ?? 0;
    const end = starts[index + 1] ?? finishedAt?.getTime();
    return {
      stage,
      startedAt: toIsoText(startedAt),
      ...(end === undefined ? {} : { finishedAt: toIsoText(Math.max(startedAt, end)) }),
    };
  });
}

function toIsoText(time: number): string {
  return new Date(time).toISOString();
}
