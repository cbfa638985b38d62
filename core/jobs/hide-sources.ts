import {
  listNameableCharts,
  maskedMessage,
  maskSources,
  maskWarning,
  type NamedChart,
} from '../registry/mask-sources.ts';
import type { Job } from './job.ts';

/** Lists the sources of a job, and some chart of each space in its `save.from`. */
export function chartsNamedByJob({ sources, from }: Job): readonly NamedChart[] {
  return listNameableCharts(sources ?? [], from);
}

/**
 * Masks what a job shows of hidden sources, and of hidden spaces in its `save.from`. Warnings and errors are texts that
 * may name any of them, so what is left of them is their codes and places.
 */
export function hideSources(job: Job, isHidden: (source: NamedChart) => boolean): Job {
  const { sources, warnings, error } = job;
  // A job of an old release has no list of its sources, so they may be any.
  if (sources && !chartsNamedByJob(job).some(isHidden)) return job;
  return {
    ...job,
    sources: sources && maskSources(sources, isHidden),
    warnings: warnings?.map(maskWarning) ?? null,
    error: error && { code: error.code, reason: error.reason, message: maskedMessage },
  };
}
