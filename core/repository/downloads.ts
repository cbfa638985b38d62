import { archiveName } from '../archive/archive-name.ts';
import type { Digest } from '../blobs/port.ts';
import type { SpaceStates } from '../read-cache/space-state.ts';
import { createStateCache, type StateCache } from '../read-cache/state-cache.ts';
import { findProvenance } from '../registry/provenance.ts';
import type { RegistryDeps, VersionRef } from '../registry/registry.ts';
import { findArchive } from '../registry/versions.ts';
import type { CacheMeter } from '../runtime/cache-meter.ts';
import { type FoundFile, findVersionByFileName } from './find-file.ts';

/** File of a version, as it is stored. */
export interface Download {
  kind: 'archive' | 'provenance';
  chart: string;
  digest: Digest;
  /** Bytes. */
  size: number;
  filename: string;
  /** Time of the version's last change; a provenance file has none of its own. */
  updatedAt?: Date;
  /** Id of the space that has it, where a state of the space was known. */
  spaceId?: number | undefined;
}

/** Files by space and address, each valid for one state of the space. */
export type DownloadCache = StateCache<Download>;

/** Largest number of bytes of remembered addresses: 8 MiB, some 10,000 files. */
const maxCachedBytes = 8 * 1024 * 1024;

/** Estimated bytes of a remembered file. */
const downloadEntryBytes = 512;

/** Creates the cache that finds files by their addresses. */
export function createDownloads(states: SpaceStates, meter?: CacheMeter): DownloadCache {
  return createStateCache(states, maxCachedBytes, () => downloadEntryBytes, meter);
}

/** Finds the archive of a version. @throws {RegistryError} `version.notFound`, or that of its chart or space */
export async function findArchiveFile(registry: RegistryDeps, ref: VersionRef): Promise<Download> {
  return toDownload({ ...ref, archive: await findArchive(registry, ref) });
}

/** Finds the provenance file of a version. @throws {RegistryError} as `findProvenance` */
export async function findProvenanceFile(registry: RegistryDeps, ref: VersionRef): Promise<Download> {
  const { digest, size } = await findProvenance(registry, ref);
  return {
    kind: 'provenance',
    chart: ref.chart,
    digest,
    size,
    filename: `${archiveName(ref.chart, ref.version)}.prov`,
  };
}

/**
 * Finds a file of a chart repository by its name, `NAME-VERSION.tgz` or `NAME-VERSION.tgz.prov`.
 * @throws {RegistryError} as `findVersionByFileName` and `findProvenance`
 */
export async function findRepositoryFile(
  registry: RegistryDeps,
  space: string,
  file: string,
): Promise<Download> {
  const archiveFile = file.replace(/\.prov$/, '');
  const found = await findVersionByFileName(registry, space, archiveFile);
  return archiveFile === file ? toDownload(found) : findProvenanceFile(registry, found);
}

function toDownload({ chart, version, archive }: FoundFile): Download {
  return { kind: 'archive', chart, filename: archiveName(chart, version), ...archive };
}
