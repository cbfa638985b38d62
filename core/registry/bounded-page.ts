import type { Page } from './registry.ts';

/** Largest total of documents on a page, in bytes (16 MiB). A larger first document is a page by itself. */
export const maxPageBytes = 16 * 1024 * 1024;

/**
 * SQL of a page of versions' documents that ends before its documents exceed `maxPageBytes`.
 * The query is recursive so that documents beyond the page are never read: compressed to kilobytes in the table, a
 * document may have megabytes.
 * @param page a SELECT of one row with `total` and `ids`, the versions in the page's order; no row means not found
 * @param document SQL expression of a text, over the version `v`
 * @param columns further columns of `page` for each row
 */
export function writeBoundedPageSql(page: string, document: string, columns: readonly string[] = []): string {
  const next = (id: string) =>
    `LATERAL (SELECT d.document, octet_length(d.document)::bigint AS bytes
                FROM (SELECT ${document} AS document FROM versions v WHERE v.id = ${id} OFFSET 0) d OFFSET 0) n`;
  return `WITH RECURSIVE page AS (${page}), fitting AS (
       SELECT 1 AS number, n.document, n.bytes FROM page, ${next('page.ids[1]')}
        UNION ALL
       SELECT t.number + 1, n.document, t.bytes + n.bytes
         FROM fitting t, page, ${next('page.ids[t.number + 1]')}
        WHERE t.bytes + n.bytes <= ${maxPageBytes}
     )
     SELECT ${['total', ...columns].map((column) => `page.${column}`).join(', ')}, fitting.number, fitting.document FROM page LEFT JOIN fitting ON true`;
}

/** A row of {@link writeBoundedPageSql}. `number` counts from 1 and is null on the one row of an empty page. */
export interface BoundedRow {
  total: number;
  number: number | null;
  document: string | null;
}

/** Makes a page of the rows of {@link writeBoundedPageSql}. @returns undefined for not found */
export function toPage(rows: readonly BoundedRow[]): Page<string> | undefined {
  const [first] = rows;
  if (!first) return undefined;
  // Rows are sorted here: in PostgreSQL, sorting megabytes of documents costs more.
  const sorted = [...rows].sort((left, right) => (left.number ?? 0) - (right.number ?? 0));
  return {
    total: first.total,
    items: sorted.flatMap(({ document }) => (document === null ? [] : [document])),
  };
}
