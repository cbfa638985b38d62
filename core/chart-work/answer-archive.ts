import type { ChartLimits } from '../archive/limits.ts';
import { unpackSmall } from '../archive/read-archive.ts';
import type { ChartFiles } from '../chart/chart.ts';
import { explainStoredMajorDifferences } from '../chart/compare-majors.ts';
import { computeValues } from '../chart/compute-values.ts';
import { findChartFolders } from '../chart/contents/chart-folders.ts';
import { readContents, readContentsFile } from '../chart/contents/read-contents.ts';
import { findOrigins } from '../chart/origins/find-origins.ts';
import { readArchiveFiles, readChart } from '../chart/read-chart.ts';
import { sanitizeForJsonb } from '../chart/sanitize-for-jsonb.ts';
import { bufferOf, streamOfBytes } from './bytes.ts';
import { maxSyncUnpackBytes } from './compare-sides.ts';
import type { ArchiveAnswer, ArchiveRequest, ChartRequest } from './messages.ts';
import { isTemplateOrValues, writeTemplates } from './write-templates.ts';

const archiveRequestKinds: readonly string[] = [
  'templates',
  'contents',
  'file',
  'origins',
] satisfies ArchiveRequest['kind'][];

/** Tells whether {@link answerArchive} answers a request. */
export function isArchiveRequest(request: ChartRequest): request is ArchiveRequest {
  return archiveRequestKinds.includes(request.kind);
}

/** Answers a request that reads one stored archive. @throws {RegistryError} as the functions that it calls */
export async function answerArchive(request: ArchiveRequest): Promise<ArchiveAnswer> {
  const { limits } = request;
  const archive =
    unpackSmall(bufferOf(request.archive), maxSyncUnpackBytes) ?? streamOfBytes(request.archive);
  if (request.kind === 'templates') {
    const files = await readArchiveFiles(streamOfBytes(request.archive), limits, isTemplateOrValues);
    return { kind: 'templates', json: writeTemplates(files) };
  }
  if (request.kind === 'contents')
    return { kind: 'contents', contents: await readContents(archive, limits, request.keepBytes) };
  if (request.kind === 'file')
    return { kind: 'file', bytes: await readContentsFile(archive, limits, request.path) };
  return { kind: 'origins', json: await writeOrigins(archive, limits) };
}

async function writeOrigins(
  archive: Parameters<typeof readChart>[0],
  limits: ChartLimits,
): Promise<Uint8Array<ArrayBuffer>> {
  const places = new Map<ChartFiles, string>();
  const chart = await readChart(archive, limits, places);
  const { origins, truncated } = findOrigins(chart, findChartFolders(chart, places));
  // Keys and texts are written as they are stored with the version.
  const computed = computeValues(chart).values;
  const { values } = sanitizeForJsonb({ values: computed });
  const majors = explainStoredMajorDifferences(chart, computed);
  const sanitized = sanitizeForJsonb({ origins });
  return new TextEncoder().encode(JSON.stringify({ values, ...sanitized, truncated, majors }));
}
