import type { Digest } from '../blobs/port.ts';
import type { ErrorBody } from '../errors.ts';
import type { ResolvedSource } from '../recipe/sources.ts';
import type { Warning } from '../recipe/warning.ts';
import type { VersionRef } from '../registry/registry.ts';
import type { Job } from './job.ts';
import { type StageTimes, timeStages } from './stages.ts';

/** Builds the paths that views and errors of jobs link to. The HTTP interface supplies it. */
export interface JobLinks {
  job(id: string): string;
  version(ref: VersionRef): string;
  /** The path to POST to, which creates a space. */
  newSpace(space: string): string;
}

/** A version and the path under which the HTTP interface has it. */
export type VersionLink = VersionRef & { link: string };

/** A job as the interface and callbacks show it. Times are ISO 8601. */
export type JobView = Omit<
  Job,
  | 'createdAt'
  | 'startedAt'
  | 'finishedAt'
  | 'updatedAt'
  | 'stages'
  | 'error'
  | 'sources'
  | 'from'
  | 'warnings'
  | 'authorId'
  | 'author'
  | 'spaceId'
  | 'replaces'
> & {
  /** Name of the principal that sent the recipe; absent for a job of a registry with open access. */
  author?: string;
  /** Digest of the archive that it replaces; absent for a new version. */
  replaces?: Digest;
  sources?: ResolvedSource[];
  /** Empty where there are none. */
  warnings: Warning[];
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  updatedAt: string;
  /** Empty for jobs of old releases. */
  stages: StageTimes[];
  result?: VersionLink;
  error?: ErrorBody;
  links: { self: string; events: string; deliveries: string; recipe: string };
};

/** Renders a job for clients and callbacks. */
export function viewJob(job: Job, links: JobLinks): JobView {
  const { space, chart, version } = job;
  const self = links.job(job.id);
  return {
    id: job.id,
    state: job.state,
    space,
    chart,
    version,
    progress: job.progress,
    ...(job.author === null ? {} : { author: job.author }),
    ...(job.replaces === null ? {} : { replaces: job.replaces }),
    ...(job.sources ? { sources: job.sources } : {}),
    warnings: job.warnings ?? [],
    attempts: job.attempts,
    createdAt: job.createdAt.toISOString(),
    startedAt: job.startedAt?.toISOString() ?? null,
    finishedAt: job.finishedAt?.toISOString() ?? null,
    updatedAt: job.updatedAt.toISOString(),
    stages: timeStages(job.stages ?? [], job),
    ...(job.state === 'succeeded'
      ? { result: { space, chart, version, link: links.version({ space, chart, version }) } }
      : {}),
    ...(job.error ? { error: job.error } : {}),
    links: { self, events: `${self}/events`, deliveries: `${self}/deliveries`, recipe: `${self}/recipe` },
  };
}
