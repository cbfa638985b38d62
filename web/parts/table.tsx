import type { ComponentChildren } from 'preact';
import { useAddress } from './address.ts';

/** Column of a table. */
export interface Column<Row> {
  id: string;
  label: string;
  /** Shows a cell; what is null takes no place in a card. */
  cell: (row: Row) => ComponentChildren;
  /** Value of `sort` in the address; the column cannot sort without. */
  sort?: string;
  /** Order of the first click; `asc` unless given. */
  order?: 'asc' | 'desc';
  /** Numbers stand at the end. */
  isNumber?: boolean;
  /** Sentences take a whole line of a card. */
  isText?: boolean;
}

/** Sort of the address, or the one of the page where it has none. */
export interface Sort {
  sort: string;
  order: 'asc' | 'desc';
}

/**
 * Rows with columns, and a card for each row where there is no room. The first column names the row. Roles are said, since
 * browsers forget them with the layout of a table.
 */
export function Table<Row>({
  label,
  columns,
  rows,
  keyOf,
  sorted,
  startParameter = 'start',
}: {
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  sorted?: Sort | undefined;
  /** Parameter of the address for the place in the list, which another order begins anew. */
  startParameter?: string;
}) {
  return (
    // biome-ignore-start lint/a11y/noRedundantRoles: cards are no table for browsers.
    <table class="table" role="table" aria-label={label}>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => (
            <ColumnHead key={column.id} {...{ column, sorted, startParameter }} />
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <tr role="row" key={keyOf(row)}>
            {columns.map(({ id, label, cell, isNumber, isText }, at) => (
              <td
                key={id}
                role="cell"
                data-label={at === 0 || label === '' ? undefined : label}
                class={isNumber ? 'end' : isText ? 'text' : undefined}
              >
                {cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
    // biome-ignore-end lint/a11y/noRedundantRoles: cards are no table for browsers.
  );
}

function ColumnHead<Row>({
  column,
  sorted,
  startParameter,
}: {
  column: Column<Row>;
  sorted: Sort | undefined;
  startParameter: string;
}) {
  const { href } = useAddress();
  const { label, sort, order = 'asc', isNumber } = column;
  const isSorted = sort !== undefined && sorted?.sort === sort;
  const other = sorted?.order === 'asc' ? 'desc' : 'asc';
  return (
    <th
      // biome-ignore lint/a11y/noRedundantRoles: cards are no table for browsers.
      role="columnheader"
      scope="col"
      class={isNumber ? 'end' : undefined}
      aria-sort={isSorted ? (sorted?.order === 'desc' ? 'descending' : 'ascending') : undefined}
    >
      {sort === undefined || sorted === undefined ? (
        label || <span class="unseen">Actions</span>
      ) : (
        <a href={href({ sort, order: isSorted ? other : order, [startParameter]: undefined })}>
          {label}
          <span aria-hidden="true">{isSorted ? (sorted.order === 'desc' ? ' ↓' : ' ↑') : ''}</span>
        </a>
      )}
    </th>
  );
}
