import { type ArchivePart, filesOfPart } from '../archive/assembly/index.ts';
import type { ChartLimits } from '../archive/limits.ts';
import { packArchive, paxRecordBytes } from '../archive/write-archive.ts';
import type { Digest } from '../blobs/port.ts';
import type { Chart } from '../chart/chart.ts';
import { emptyPreparation } from '../chart/prepare.ts';
import { type ErrorCode, RegistryError } from '../errors.ts';
import { createEditor } from '../yaml/edit/editor.ts';
import { composeParts } from './compose-files.ts';
import type { Plan } from './plan.ts';
import { resolveTree } from './resolve-tree.ts';

/** The files of a composed chart before packing. */
export interface ComposedFiles {
  /** The folder that all paths lie in: the new chart's name. */
  folder: string;
  /** Files in the order of the archive, by paths below the folder. An unchanged file is its source's buffer. */
  files: [path: string, bytes: Buffer][];
}

/**
 * Composes a chart that Helm loads.
 * Its dependencies declare exactly the charts in `charts/`, and every subchart carries its name in the new chart. All
 * other files of the sources are kept byte for byte. The same plan gives the same files.
 *
 * @param sources every stored source of the plan, read, by the digest of its archive.
 * @throws {RegistryError} `archive.tooLarge`, `archive.fileTooLarge` or `archive.tooManyEntries` if the result is
 *   more than Helm loads: a recipe may use one large source a thousand times.
 */
export function composeFiles(
  plan: Plan,
  sources: ReadonlyMap<Digest, Chart>,
  limits: ChartLimits,
): ComposedFiles {
  const parts = composeParts(resolveTree(plan, sources), plan, createEditor(emptyPreparation));
  return { folder: plan.chart, files: listPartFiles(plan.chart, parts, limits) };
}

/**
 * Lists all files of parts, by their paths below the folder, within the limits.
 * @throws {RegistryError} as {@link composeFiles} does.
 */
export function listPartFiles(
  folder: string,
  parts: Iterable<ArchivePart>,
  limits: ChartLimits,
): ComposedFiles['files'] {
  const files: ComposedFiles['files'] = [];
  let total = 0;
  for (const part of parts) {
    for (const [path, bytes] of filesOfPart(part)) {
      files.push([path, bytes]);
      total += bytes.length + paxRecordBytes(`${folder}/${path}`);
      if (bytes.length > limits.file) {
        throw limitExceededError('archive.fileTooLarge', `${path} would have more bytes`, limits.file);
      }
      if (total > limits.unpacked) {
        throw limitExceededError(
          'archive.tooLarge',
          'its files would have more bytes in all',
          limits.unpacked,
        );
      }
      if (files.length > limits.entries) {
        throw limitExceededError('archive.tooManyEntries', 'it would have more files', limits.entries);
      }
    }
  }
  return files;
}

/**
 * Collects parts, and stops when their new files exceed the limits.
 * A recipe may use one large source a thousand times, so all new files together could exceed memory.
 * @throws {RegistryError} as {@link composeFiles} does.
 */
export function collectParts(all: Iterable<ArchivePart>, folder: string, limits: ChartLimits): ArchivePart[] {
  const parts: ArchivePart[] = [];
  let bytes = 0;
  for (const part of all) {
    parts.push(part);
    for (const content of part.made.values()) bytes += content.length;
    if (bytes > limits.unpacked) listPartFiles(folder, parts, limits);
  }
  return parts;
}

/**
 * Composes and packs a chart. Composing is deterministic, so doing it again after a crash stores the same blob.
 * @throws {RegistryError} as {@link composeFiles} does.
 */
export async function composePlan(
  plan: Plan,
  sources: ReadonlyMap<Digest, Chart>,
  limits: ChartLimits,
): Promise<Buffer> {
  const { folder, files } = composeFiles(plan, sources, limits);
  return packArchive(folder, files);
}

function limitExceededError(code: ErrorCode, fault: string, limit: number): RegistryError {
  return new RegistryError(
    code,
    `the composed chart is too large: ${fault} than the ${limit} that are allowed. Take fewer or smaller sources, or have the operator raise the limit`,
  );
}
