import { jobsQuery } from '../../api/jobs.ts';
import { useData } from '../../api/use-data.ts';
import { useJobEvents } from '../../api/use-job-events.ts';
import { pathTo } from '../../parts/address.ts';
import { JobProgress } from '../../parts/job-progress.tsx';
import { Data } from '../../parts/states.tsx';

/** Jobs that run or wait, live. */
export function RunningJobs() {
  const jobs = useData(jobsQuery, { filter: { state: ['running', 'queued'] }, page: { limit: 5 } });
  useJobEvents(jobs.reload);
  return (
    <section class="card">
      <header>
        <h2>Running</h2>
        <a class="small" href="/-/jobs">
          All jobs
        </a>
      </header>
      <Data data={jobs} lines={1}>
        {({ items, total }) =>
          items.length === 0 ? (
            <p class="side-none muted">No job runs.</p>
          ) : (
            <ul class="side-list">
              {items.map((job) => (
                <li key={job.id}>
                  <a href={pathTo('jobs', job.id)}>
                    {job.chart} {job.version}
                  </a>
                  <JobProgress job={job} />
                </li>
              ))}
              {total > items.length ? <li class="muted small">and {total - items.length} more</li> : null}
            </ul>
          )
        }
      </Data>
    </section>
  );
}
