import type { FollowRun } from '@helm-registry/client';
import { Badge } from '../../parts/badge.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { Time } from '../../parts/time.tsx';
import { describeRun, pathToRunJob, runTones } from './follow-texts.ts';

const columns: readonly Column<FollowRun>[] = [
  {
    id: 'version',
    label: 'Version',
    cell: ({ version, from, job }) => {
      const name = version ?? from ?? '–';
      return job === undefined ? <span class="mono">{name}</span> : <a href={pathToRunJob(job)}>{name}</a>;
    },
  },
  { id: 'state', label: 'State', cell: ({ state }) => <Badge tone={runTones[state]}>{state}</Badge> },
  { id: 'when', label: 'When', cell: ({ startedAt }) => <Time at={startedAt} /> },
  { id: 'said', label: 'Result', cell: describeRun },
];

/** Latest compositions of a follow, newest first. */
export function FollowRuns({ runs }: { runs: readonly FollowRun[] }) {
  if (runs.length === 0) return <p class="small muted">It has composed nothing yet.</p>;
  return (
    <Table
      label="Compositions of the follow"
      columns={columns}
      rows={runs}
      keyOf={({ startedAt }) => startedAt}
    />
  );
}
