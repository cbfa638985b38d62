import type { ErrorBody } from '../errors.ts';
import type { ResolvedSource } from '../recipe/sources.ts';
import type { Warning } from '../recipe/warning.ts';
import { type ChartLink, chartLink } from '../registry/links.ts';
import type { Job } from './job.ts';

/** A job as clients and webhooks see it. Times are ISO 8601. */
export type JobView = Omit<
  Job,
  'createdAt' | 'startedAt' | 'finishedAt' | 'error' | 'sources' | 'warnings'
> & {
  sources?: ResolvedSource[];
  /** Empty where there are none. */
  warnings: Warning[];
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  result?: ChartLink;
  error?: ErrorBody;
  links: { self: string; events: string; deliveries: string };
};

export function viewJob(job: Job): JobView {
  const self = `/api/v1/jobs/${job.id}`;
  return {
    id: job.id,
    state: job.state,
    space: job.space,
    chart: job.chart,
    version: job.version,
    progress: job.progress,
    ...(job.sources ? { sources: job.sources } : {}),
    warnings: job.warnings ?? [],
    attempts: job.attempts,
    createdAt: job.createdAt.toISOString(),
    startedAt: job.startedAt?.toISOString() ?? null,
    finishedAt: job.finishedAt?.toISOString() ?? null,
    ...(job.state === 'succeeded' ? { result: chartLink(job) } : {}),
    ...(job.error ? { error: job.error } : {}),
    links: { self, events: `${self}/events`, deliveries: `${self}/deliveries` },
  };
}
