import type { Job } from '@helm-registry/client';
import { expect, it } from 'vitest';
import { latestJob } from './latest-job.ts';

const at = (state: Job['state']) => ({ state });

it('shows what came last: a load, or an event after it', () => {
  const [queued, running] = [at('queued'), at('running')];
  expect(latestJob(undefined, undefined)).toBeUndefined();
  expect(latestJob(queued, undefined)).toBe(queued);
  expect(latestJob(queued, { job: running, loaded: queued })).toBe(running);
  expect(latestJob(running, { job: queued, loaded: at('queued') })).toBe(running);
});

it.each(['succeeded', 'failed', 'cancelled'] as const)(
  'keeps the end of a job that is %s, wherever it came from',
  (state) => {
    const [queued, end] = [at('queued'), at(state)];
    expect(latestJob(end, { job: queued, loaded: queued })).toBe(end);
    expect(latestJob(end, { job: queued, loaded: end })).toBe(end);
    expect(latestJob(queued, { job: end, loaded: at('queued') })).toBe(end);
  },
);
