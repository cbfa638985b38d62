import type { FollowRun } from '@helm-registry/client';
import { pathTo } from '../../parts/address.ts';
import { Badge } from '../../parts/badge.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { Time } from '../../parts/time.tsx';

const tones = { running: 'accent', composed: 'good', failed: 'danger', cancelled: undefined } as const;

const columns: readonly Column<FollowRun>[] = [
  {
    id: 'version',
    label: 'Version',
    cell: ({ version, from, job }) => {
      const name = version ?? from ?? '–';
      return job === undefined ? <span class="mono">{name}</span> : <a href={pathTo('jobs', job)}>{name}</a>;
    },
  },
  { id: 'state', label: 'State', cell: ({ state }) => <Badge tone={tones[state]}>{state}</Badge> },
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

function describeRun({ error, keepError, deleted }: FollowRun): string | null {
  const problem = error ?? keepError;
  if (problem) return problem.message;
  return deleted > 0 ? `${deleted} old versions were deleted` : null;
}
