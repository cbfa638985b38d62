import type { Job } from '@helm-registry/client';
import { pathTo } from '../../parts/address.ts';
import { describeCount } from '../../parts/bytes.ts';
import { JobProgress } from '../../parts/job-progress.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { describeDuration, Time } from '../../parts/time.tsx';

const columns: readonly Column<Job>[] = [
  {
    id: 'target',
    label: 'Chart',
    cell: ({ id, chart, version }) => (
      <a href={pathTo('jobs', id)}>
        {chart} <span class="mono">{version}</span>
      </a>
    ),
  },
  { id: 'state', label: 'State', cell: (job) => <JobProgress job={job} /> },
  { id: 'space', label: 'Space', cell: ({ space }) => <a href={pathTo('spaces', space)}>{space}</a> },
  { id: 'said', label: 'Result', cell: describeResult },
  { id: 'created', label: 'Sent', cell: ({ createdAt }) => <Time at={createdAt} /> },
  { id: 'took', label: 'Took', isNumber: true, cell: describeJobDuration },
];

/** Jobs as rows. */
export function JobRows({ jobs }: { jobs: readonly Job[] }) {
  return <Table label="Jobs" columns={columns} rows={jobs} keyOf={({ id }) => id} />;
}

function describeResult({ error, warnings }: Job) {
  if (error) return <span class="clamp">{error.message}</span>;
  return warnings.length > 0 ? describeCount(warnings.length, 'warning') : null;
}

function describeJobDuration({ createdAt, finishedAt }: Job): string | null {
  return finishedAt === null ? null : describeDuration(Date.parse(finishedAt) - Date.parse(createdAt));
}
