import { isFinal, type Job as JobShape } from '@helm-registry/client';
import { useRoute } from 'preact-iso';
import { pathTo } from '../../parts/address.ts';
import { announce } from '../../parts/announce.tsx';
import { Fact, Facts } from '../../parts/facts.tsx';
import { JobBadge, JobProgress } from '../../parts/job-progress.tsx';
import { Data } from '../../parts/states.tsx';
import { describeDuration, Time } from '../../parts/time.tsx';
import { useTitle } from '../../parts/use-title.ts';
import { Deliveries } from './deliveries.tsx';
import { JobActions } from './job-actions.tsx';
import { JobFault } from './job-fault.tsx';
import { Sources, Warnings } from './job-parts.tsx';
import { JobRecipe } from './job-recipe.tsx';
import { Stages } from './stages.tsx';
import { useLiveJob } from './use-live-job.ts';
import './job.css';

/** Page of a job: stages as they pass, sources, recipe, warnings, error, deliveries. */
export function Job() {
  const { id = '' } = useRoute().params;
  return <JobPage key={id} id={id} />;
}

function JobPage({ id }: { id: string }) {
  const job = useLiveJob(id, ({ chart, version, state }) => announce(`${chart} ${version}: ${state}.`));
  const { value } = job;
  const name = value ? `${value.chart} ${value.version}` : 'Job';
  useTitle(name, 'Jobs');
  return (
    <section class="stack">
      <div>
        <p class="small">
          <a href="/-/jobs">Jobs</a>
        </p>
        <div class="row spread">
          <div class="row">
            <h1>{name}</h1>
            {value ? <JobBadge state={value.state} /> : null}
          </div>
          {value ? <JobActions job={value} reload={job.reload} /> : null}
        </div>
      </div>
      <Data data={job} lines={8}>
        {(value) => <JobSections job={value} />}
      </Data>
    </section>
  );
}

function JobSections({ job }: { job: JobShape }) {
  const { space, author, createdAt, finishedAt, attempts, replaces } = job;
  return (
    <div class="stack">
      <Facts>
        <Fact name="Space">
          <a href={pathTo('spaces', space)}>{space}</a>
        </Fact>
        {author === undefined ? null : <Fact name="Sent by">{author}</Fact>}
        <Fact name="Sent">
          <Time at={createdAt} />
        </Fact>
        {finishedAt === null ? null : (
          <Fact name="Took">{describeDuration(Date.parse(finishedAt) - Date.parse(createdAt))}</Fact>
        )}
        {attempts > 1 ? <Fact name="Attempts">{attempts}</Fact> : null}
        {replaces === undefined ? null : <Fact name="Replaces">{replaces.slice(0, 19)}…</Fact>}
        {isFinal(job) ? null : (
          <Fact name="Now">
            <JobProgress job={job} />
          </Fact>
        )}
      </Facts>
      <Stages job={job} />
      {job.error ? <JobFault id={job.id} error={job.error} /> : null}
      <Warnings warnings={job.warnings} />
      <Sources sources={job.sources ?? []} />
      <JobRecipe id={job.id} />
      <Deliveries id={job.id} isOver={isFinal(job)} />
    </div>
  );
}
