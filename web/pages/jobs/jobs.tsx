import type { JobFilter } from '@helm-registry/client';
import { jobsQuery } from '../../api/jobs.ts';
import { useData } from '../../api/use-data.ts';
import { useJobEvents } from '../../api/use-job-events.ts';
import { useAddress } from '../../parts/address.ts';
import { BeyondEnd } from '../../parts/beyond-end.tsx';
import { Pager, readStart } from '../../parts/pager.tsx';
import { Data, Empty } from '../../parts/states.tsx';
import { Tabs, useTab } from '../../parts/tabs.tsx';
import { useTitle } from '../../parts/use-title.ts';
import { JobRows } from './job-rows.tsx';

const limit = 25;

const filtersOfTabs: Readonly<Record<string, JobFilter>> = {
  all: {},
  active: { state: ['running', 'queued'] },
  succeeded: { state: 'succeeded' },
  failed: { state: 'failed' },
  cancelled: { state: 'cancelled' },
};

const tabs = [
  { id: 'all', label: 'All' },
  { id: 'active', label: 'Running' },
  { id: 'succeeded', label: 'Succeeded' },
  { id: 'failed', label: 'Failed' },
  { id: 'cancelled', label: 'Cancelled' },
];

/** Jobs by state, live: a row changes as its job does. */
export function Jobs() {
  useTitle('Jobs');
  const { query, href } = useAddress();
  const state = useTab(tabs, 'state') ?? 'all';
  const start = readStart(query.start);
  const { space } = query;
  const filter = { ...filtersOfTabs[state], ...(space && { space }) };
  const jobs = useData(jobsQuery, { filter, page: { start, limit } });
  useJobEvents(jobs.reload);
  return (
    <section class="stack">
      <div class="row spread">
        <h1>Jobs</h1>
        {space ? (
          <p class="small muted">
            of {space} · <a href={href({ space: undefined, start: undefined })}>Show all spaces</a>
          </p>
        ) : null}
      </div>
      <Tabs label="States of jobs" tabs={tabs} parameter="state" drops={['start']} />
      <Data data={jobs} lines={12}>
        {({ items, total }) =>
          items.length === 0 && total > 0 ? (
            <BeyondEnd of="jobs" />
          ) : items.length === 0 ? (
            <Empty title={state === 'all' ? 'No recipe was composed yet' : 'No such jobs'}>
              {state === 'all' ? (
                <p>A job is a recipe on its way to a chart. It appears here once a recipe is sent.</p>
              ) : (
                <a href={href({ state: undefined, start: undefined })}>Show all jobs</a>
              )}
            </Empty>
          ) : (
            <div>
              <div class="card">
                <JobRows jobs={items} />
              </div>
              <Pager start={start} limit={limit} total={total} of="jobs" />
            </div>
          )
        }
      </Data>
    </section>
  );
}
