import type { SpaceDetails } from '@helm-registry/client';
import { pathTo } from '../../parts/address.ts';
import { Badge } from '../../parts/badge.tsx';
import { describeBytes } from '../../parts/bytes.ts';
import { type Column, type Sort, Table } from '../../parts/table.tsx';
import { Time } from '../../parts/time.tsx';
import { startOfSpaces } from './read-spaces.ts';

const columns: readonly Column<SpaceDetails>[] = [
  {
    id: 'name',
    label: 'Space',
    sort: 'name',
    cell: ({ name, visibility, overwriting }) => (
      <span class="row">
        <a href={pathTo('spaces', name)}>{name}</a>
        {visibility === undefined || visibility === 'public' ? null : <Badge>{visibility}</Badge>}
        {overwriting === 'immutable' ? <Badge title="Versions are never replaced">immutable</Badge> : null}
      </span>
    ),
  },
  {
    id: 'charts',
    label: 'Charts',
    sort: 'charts',
    order: 'desc',
    isNumber: true,
    cell: ({ charts }) => charts.toLocaleString('en'),
  },
  {
    id: 'versions',
    label: 'Versions',
    sort: 'versions',
    order: 'desc',
    isNumber: true,
    cell: ({ versions }) => versions.toLocaleString('en'),
  },
  { id: 'bytes', label: 'Size', isNumber: true, cell: ({ bytes }) => describeBytes(bytes) },
  {
    id: 'changed',
    label: 'Changed',
    sort: 'changed',
    order: 'desc',
    cell: ({ changedAt }) => <Time at={changedAt} />,
  },
];

/** Spaces as rows, sorted by what the address says. */
export function SpaceRows({ spaces, sorted }: { spaces: readonly SpaceDetails[]; sorted: Sort }) {
  return (
    <div class="card">
      <Table
        label="Spaces"
        columns={columns}
        rows={spaces}
        keyOf={({ name }) => name}
        sorted={sorted}
        startParameter={startOfSpaces}
      />
    </div>
  );
}
