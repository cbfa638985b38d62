import type { DeletedVersion } from '@helm-registry/client';
import { Button } from '../../parts/button.tsx';
import { describeBytes } from '../../parts/bytes.ts';
import { type Column, Table } from '../../parts/table.tsx';
import { Time } from '../../parts/time.tsx';
import { shortenDigest } from '../chart/head/head-facts.tsx';

/** Names a deletion: a version may have been deleted more than once. */
export const deletionKeyOf = ({ chart, version, deletedAt }: DeletedVersion) =>
  `${chart} ${version} ${deletedAt}`;

interface DeletedRowsProperties {
  versions: readonly DeletedVersion[];
  /** Keys of those that are chosen. */
  chosen: ReadonlySet<string>;
  isBusy: boolean;
  onChoose: (chosen: ReadonlySet<string>) => void;
  onRestore: (version: DeletedVersion) => void;
}

/** Deleted versions as rows, each to be chosen or restored. */
export function DeletedRows(rows: DeletedRowsProperties) {
  const { versions, chosen, onChoose } = rows;
  const isAll = versions.every((version) => chosen.has(deletionKeyOf(version)));
  return (
    <div class="card">
      <header>
        <label class="row small">
          <input
            type="checkbox"
            checked={isAll}
            onChange={() => onChoose(new Set(isAll ? [] : versions.map(deletionKeyOf)))}
          />
          All on this page
        </label>
      </header>
      <Table label="Deleted versions" columns={columnsOf(rows)} rows={versions} keyOf={deletionKeyOf} />
    </div>
  );
}

function columnsOf({
  chosen,
  isBusy,
  onChoose,
  onRestore,
}: DeletedRowsProperties): readonly Column<DeletedVersion>[] {
  const toggle = (key: string) => {
    const next = new Set(chosen);
    if (!next.delete(key)) next.add(key);
    onChoose(next);
  };
  return [
    {
      id: 'version',
      label: 'Version',
      cell: (row) => (
        <label class="row">
          <input
            type="checkbox"
            checked={chosen.has(deletionKeyOf(row))}
            onChange={() => toggle(deletionKeyOf(row))}
          />
          <span>
            <bdi>{row.chart}</bdi> <span class="mono">{row.version}</span>
          </span>
        </label>
      ),
    },
    { id: 'deleted', label: 'Deleted', cell: ({ deletedAt }) => <Time at={deletedAt} /> },
    { id: 'by', label: 'By', cell: ({ run }) => (run === null ? 'a person or program' : 'retention') },
    {
      id: 'until',
      label: 'Can be restored until',
      cell: ({ restorableUntil }) => <Time at={restorableUntil} />,
    },
    {
      id: 'archive',
      label: 'Archive',
      isText: true,
      cell: ({ digest }) => <code title={digest}>{shortenDigest(digest)}</code>,
    },
    { id: 'size', label: 'Size', isNumber: true, cell: ({ size }) => describeBytes(size) },
    {
      id: 'restore',
      label: '',
      cell: (row) => (
        <span class="row">
          <Button
            size="small"
            isBusy={isBusy}
            aria-label={`Restore ${row.chart} ${row.version}`}
            onClick={() => onRestore(row)}
          >
            Restore
          </Button>
        </span>
      ),
    },
  ];
}
