import type { Author } from '../access/author.ts';
import type { Content } from '../blobs/port.ts';
import { renderEntry } from '../chart/index-entry.ts';
import type { StorableSummary } from '../chart-work/chart-work.ts';
import type { JsonObject } from '../yaml/json.ts';
import type { VersionRef } from './registry.ts';

/** An archive, and the summary and provenance file that are stored in a version's row with it. */
export interface VersionContent {
  content: Content;
  summary: StorableSummary;
  /** The provenance file of the archive, if there is one. */
  provenance?: Content | undefined;
  /** Principal who stores it; absent where nobody is known. */
  author?: Pick<Author, 'id' | 'name'> | undefined;
  /** When it was published, for a copy from elsewhere; default now. */
  createdAt?: Date | undefined;
}

/**
 * Lists the column values of a version's content.
 * They are: digest, size, metadata, values, entry, provenance, provenance_size, author_id, author, values_majors.
 */
export function contentColumns(
  ref: VersionRef,
  { content, summary, provenance, author, createdAt = new Date() }: VersionContent,
) {
  return [
    content.digest,
    content.size,
    toText(summary.metadata),
    summary.values ? toText(summary.values) : null,
    renderEntry(summary.helmMetadata, ref, content.digest, createdAt),
    provenance?.digest ?? null,
    provenance?.size ?? null,
    author?.id ?? null,
    author?.name ?? null,
    summary.valuesMajors ?? null,
  ];
}

function toText(document: JsonObject | string): string {
  return typeof document === 'string' ? document : JSON.stringify(document);
}
