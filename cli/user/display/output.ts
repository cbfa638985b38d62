import type { Format } from './formats.ts';
import { plainCell, plainJson, plainText } from './plain-text.ts';
import type { Style } from './style.ts';
import { renderTable } from './table.ts';
import { renderCell, type View } from './view.ts';

/** Writes the result of a command to standard output, in the format that the user wants. */
export interface Output {
  readonly format: Format;
  /** Writes rows; as JSON or YAML they are a list, whole as the registry sends them. */
  list<Row>(view: View<Row>, rows: readonly Row[]): Promise<void>;
  /** Writes a row by itself: as a table, a line for each of its columns. */
  one<Row>(view: View<Row>, row: Row): Promise<void>;
  /** Writes a value as JSON or YAML. @returns false for the other formats, which are the caller's */
  data(value: unknown): Promise<boolean>;
  /** Writes a text as it is; on a terminal without control characters. */
  text(text: string): void;
}

/** Stream that a result goes to. */
export type OutputStream = Pick<NodeJS.WriteStream, 'write'> & { isTTY?: boolean; columns?: number };

/** Creates the output of a command. */
export function createOutput(stream: OutputStream, format: Format, style: Style): Output {
  const writeLines = (lines: readonly string[]) => {
    if (lines.length > 0) stream.write(`${lines.join('\n')}\n`);
  };
  const text = (content: string) => {
    stream.write(stream.isTTY ? plainText(content) : content);
  };
  const data = async (value: unknown) => {
    if (format === 'json') writeLines([plainJson(JSON.stringify(value, null, 2))]);
    if (format === 'yaml') text((await import('yaml')).stringify(value, { aliasDuplicateObjects: false }));
    return format === 'json' || format === 'yaml';
  };
  const cellsOf = <Row>({ columns }: View<Row>, row: Row) =>
    columns.map(({ value }) => plainCell(renderCell(value(row))));
  return {
    format,
    data,
    async list(view, rows) {
      if (await data(rows)) return;
      if (format === 'name') return writeLines(rows.map((row) => plainCell(view.name(row))));
      const titles = view.columns.map(({ title }) => title);
      const options = { heading: style.heading, width: stream.isTTY ? stream.columns : undefined };
      const cells = rows.map((row) => cellsOf(view, row));
      writeLines(renderTable(titles, cells, options));
    },
    async one(view, row) {
      if (await data(row)) return;
      if (format === 'name') return writeLines([plainCell(view.name(row))]);
      const width = Math.max(...view.columns.map(({ title }) => title.length));
      const cells = cellsOf(view, row);
      writeLines(
        view.columns.map(
          ({ title }, index) => `${style.heading(title.padEnd(width))}  ${cells[index] ?? ''}`,
        ),
      );
    },
    text,
  };
}
