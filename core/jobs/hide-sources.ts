import { maskedMessage, maskSources, maskWarning, type NamedChart } from '../registry/mask-sources.ts';
import type { Job } from './job.ts';

/**
 * Masks what a job tells of hidden sources.
 * Warnings and errors are texts that may name any of the sources, so what is left of them is their codes and places.
 */
export function hideSources(job: Job, isHidden: (source: NamedChart) => boolean): Job {
  const { sources, warnings, error } = job;
  // A job of an old release has no list of its sources, so they may be any.
  if (sources && !sources.some(isHidden)) return job;
  return {
    ...job,
    sources: sources && maskSources(sources, isHidden),
    warnings: warnings?.map(maskWarning) ?? null,
    error: error && { code: error.code, reason: error.reason, message: maskedMessage },
  };
}
