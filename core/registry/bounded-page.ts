import type { Page } from './registry.ts';

/** Bytes of the documents on one page; a first document of more is a page by itself. */
export const maxPageBytes = 16 * 1024 * 1024;

/**
 * SQL of a page of versions' documents that ends where the next one would make it too large. It is recursive, so that what does
 * not fit is never read: a document that takes kilobytes in the table may have megabytes.
 * @param page a SELECT of one row: `total`, and the ids of the versions in the page's order as `ids`; none for not found
 * @param document a text, over the version `v`
 * @param also further columns of `page` that each row is to have
 */
export function boundedPage(page: string, document: string, also: readonly string[] = []): string {
  const next = (id: string) =>
    `LATERAL (SELECT d.document, octet_length(d.document)::bigint AS bytes
                FROM (SELECT ${document} AS document FROM versions v WHERE v.id = ${id} OFFSET 0) d OFFSET 0) n`;
  return `WITH RECURSIVE page AS (${page}), taken AS (
       SELECT 1 AS number, n.document, n.bytes FROM page, ${next('page.ids[1]')}
        UNION ALL
       SELECT t.number + 1, n.document, t.bytes + n.bytes
         FROM taken t, page, ${next('page.ids[t.number + 1]')}
        WHERE t.bytes + n.bytes <= ${maxPageBytes}
     )
     SELECT ${['total', ...also].map((column) => `page.${column}`).join(', ')}, taken.number, taken.document FROM page LEFT JOIN taken ON true`;
}

/** A row of {@link boundedPage}; `number` counts from 1 and is null on the one row of an empty page. */
export interface BoundedRow {
  total: number;
  number: number | null;
  document: string | null;
}

/** The page that rows of {@link boundedPage} are; undefined for not found. */
export function toPage(rows: readonly BoundedRow[]): Page<string> | undefined {
  const [first] = rows;
  if (!first) return undefined;
  // PostgreSQL promises no order without sorting, which for megabytes is dearer there than here.
  const sorted = [...rows].sort((left, right) => (left.number ?? 0) - (right.number ?? 0));
  return {
    total: first.total,
    items: sorted.flatMap(({ document }) => (document === null ? [] : [document])),
  };
}
