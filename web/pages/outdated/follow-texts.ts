import type { FollowRun, FollowSettings } from '@helm-registry/client';
import { pathTo } from '../../parts/address.ts';

/** Steps of a source that a follow can wait for, the widest first. */
export const steps = ['any', 'minor', 'patch'] as const;
/** Rules for the version that a follow composes. */
export const nextVersionRules = ['patch', 'minor', 'same-as-source'] as const;

/** Words for the steps of a source. */
export const stepTexts = {
  any: 'any step of a source',
  minor: 'minor and patch steps',
  patch: 'patch steps alone',
};
/** Words for the version that is composed. */
export const nextVersionTexts = {
  patch: 'a patch step',
  minor: 'a minor step',
  'same-as-source': 'the same as the source',
};

/** Colours of the states of a follow. */
export const followTones = { current: 'good', due: 'warn', running: 'accent', failed: 'danger' } as const;
/** Colours of the states of a run. */
export const runTones = {
  running: 'accent',
  composed: 'good',
  failed: 'danger',
  cancelled: undefined,
} as const;

/** Says the settings of a follow in a sentence. */
export function describeSettings({ on, next, wait, prereleases, keep }: FollowSettings): string {
  const parts = [
    `On ${stepTexts[on]}${prereleases ? ', pre-releases too' : ''}`,
    `next version: ${nextVersionTexts[next]}`,
    /^0+[smh]$/.test(wait) ? 'at once' : `after ${wait}`,
    ...(keep === undefined ? [] : [keep === 1 ? 'keeps the newest one' : `keeps the newest ${keep}`]),
  ];
  return parts.join(' · ');
}

/** Says what came of a run, where there is something to say. */
export function describeRun({ error, keepError, deleted }: FollowRun): string | null {
  const problem = error ?? keepError;
  if (problem) return problem.message;
  return deleted > 0 ? `${deleted} old versions were deleted` : null;
}

/** Address of the page of a run's job. The interface names the job by its path. */
export function pathToRunJob(job: string): string {
  return pathTo('jobs', job.slice(job.lastIndexOf('/') + 1));
}
