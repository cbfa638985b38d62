import type { ResolvedSource, Warning } from '@helm-registry/client';
import { pathTo } from '../../parts/address.ts';
import { type Column, Table } from '../../parts/table.tsx';

/** Warnings of a job, each with its place in the recipe. */
export function Warnings({ warnings }: { warnings: readonly Warning[] }) {
  if (warnings.length === 0) return null;
  return (
    <section class="stack tight">
      <h2>Warnings</h2>
      <ul class="notes">
        {warnings.map((warning) => (
          <li key={`${warning.code} ${warning.pointer} ${warning.message}`} class="note" data-tone="warn">
            <p>{warning.message}</p>
            <p class="small muted">
              {warning.code} at <code>{warning.pointer || 'the recipe'}</code>
              {warning.place === undefined
                ? null
                : ` (line ${warning.place.line}, column ${warning.place.column} of the YAML)`}
              {warning.file === undefined ? null : (
                <>
                  {' '}
                  · {warning.file}
                  {warning.line === undefined ? '' : `, line ${warning.line}`}
                </>
              )}
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}

const sourceColumns: readonly Column<ResolvedSource>[] = [
  {
    id: 'chart',
    label: 'Chart',
    cell: ({ space, chart, version }) =>
      space === '***' ? (
        <span class="muted">not readable for you</span>
      ) : (
        <a href={pathTo('charts', space, chart, version)}>
          {space}/{chart} <span class="mono">{version}</span>
        </a>
      ),
  },
  { id: 'asked', label: 'Requested', cell: ({ requested }) => <span class="mono">{requested}</span> },
  { id: 'place', label: 'Place in the recipe', cell: ({ pointer }) => <code>{pointer || '/'}</code> },
];

/** Stored versions that a job is made from, and what the recipe asked for. */
export function Sources({ sources }: { sources: readonly ResolvedSource[] }) {
  if (sources.length === 0) return null;
  return (
    <section class="stack tight">
      <h2>Made from</h2>
      <div class="card">
        <Table label="Sources" columns={sourceColumns} rows={sources} keyOf={({ pointer }) => pointer} />
      </div>
    </section>
  );
}
