import { RegistryError } from '../errors.ts';

/** Limits on one archive; the defaults are Helm's where Helm has one. */
export interface ChartLimits {
  /** Bytes of the archive as it is sent; 20 MiB by default. */
  packed: number;
  /** Bytes of all content, archives in `charts/` included; 100 MiB by default, Helm's MaxDecompressedChartSize. */
  unpacked: number;
  /** Bytes of one file; 5 MiB by default, Helm's MaxDecompressedFileSize. */
  file: number;
  /** Entries, folders and the entries of archives in `charts/` included; 10,000 by default. */
  entries: number;
}

/** Limits of a registry without settings for them. */
export const defaultChartLimits: ChartLimits = {
  packed: 20 * 1024 * 1024,
  unpacked: 100 * 1024 * 1024,
  file: 5 * 1024 * 1024,
  entries: 10_000,
};

/**
 * Bytes of Chart.yaml with requirements.yaml, and of the JSON metadata of a chart with its subcharts; 1 MiB.
 * Helm keeps a release in a Kubernetes Secret, which holds no more.
 */
export const maxMetadataBytes = 1024 * 1024;

/** Remainder of an archive's limits; one budget serves an archive and all archives inside it. */
export interface ArchiveBudget {
  readonly limits: ChartLimits;
  /** Bytes that may still be unpacked. */
  unpacked: number;
  /** Entries that may still follow. */
  entries: number;
}

/** Creates the budget for reading one archive. */
export function createArchiveBudget(limits: ChartLimits): ArchiveBudget {
  return { limits, unpacked: limits.unpacked, entries: limits.entries };
}

/**
 * Charges a budget with an entry.
 * @throws RegistryError `archive.tooManyEntries`
 */
export function chargeEntry(budget: ArchiveBudget): void {
  budget.entries--;
  if (budget.entries >= 0) return;
  const message = `The archive has more than ${budget.limits.entries} entries. Leave files out by .helmignore, or have the operator raise LIMIT_ENTRIES.`;
  throw new RegistryError('archive.tooManyEntries', message);
}

/** Bytes of content from which on Helm refuses to unpack an archive (MaxDecompressedChartSize, itself excluded). */
const helmMaxUnpackedBytes = 100 * 1024 * 1024;

/**
 * Charges a budget with a file's content.
 * @param total bytes of all files of the archive so far, this file included
 * @throws RegistryError `archive.fileTooLarge`, `archive.tooLarge`
 */
export function chargeFile(budget: ArchiveBudget, path: string, size: number, total: number): void {
  const { file } = budget.limits;
  if (size > file) {
    const message = `The file ${path} has ${size} bytes; ${file} are allowed. Leave it out by .helmignore, or have the operator raise LIMIT_FILE.`;
    throw new RegistryError('archive.fileTooLarge', message);
  }
  chargeBytes(budget, size);
  if (total >= helmMaxUnpackedBytes)
    throw new RegistryError(
      'archive.tooLarge',
      `The archive unpacks to ${helmMaxUnpackedBytes} bytes or more, which Helm refuses. Leave files out by .helmignore.`,
    );
}

/**
 * Charges a budget with unpacked bytes.
 * @throws RegistryError `archive.tooLarge`
 */
export function chargeBytes(budget: ArchiveBudget, bytes: number): void {
  budget.unpacked -= bytes;
  if (budget.unpacked >= 0) return;
  const message = `The archive unpacks to more than ${budget.limits.unpacked} bytes. Leave files out by .helmignore, or have the operator raise LIMIT_UNPACKED.`;
  throw new RegistryError('archive.tooLarge', message);
}
