/** Value of a cell. */
export type Cell = string | number | boolean | null | undefined;

/** Column of a table. */
export interface Column<Row> {
  title: string;
  value(row: Row): Cell;
}

/** Way to show rows of a kind: as a table, and as names that other commands take. */
export interface View<Row> {
  columns: readonly Column<Row>[];
  name(row: Row): string;
}

/** Renders a cell; what is not there is a dash. */
export function renderCell(value: Cell): string {
  if (value === undefined || value === null || value === '') return '-';
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
}
