import type { ChartWork } from '../chart-work/chart-work.ts';
import { createByteCache } from '../runtime/byte-cache.ts';
import type { OciDigest } from './digest.ts';
import type { OciManifest } from './manifest.ts';

/**
 * Reads a received manifest, whose digest was computed from its content.
 * @throws {RegistryError} as `ChartWork.readManifest`
 */
export type ReadReceivedManifest = (
  space: string,
  received: { digest: OciDigest; content: Buffer },
  contentType: string | undefined,
) => Promise<OciManifest>;

/** Largest remembered manifest in bytes; that of a chart has less than 2 KiB. */
const maxRememberedBytes = 16 * 1024;

/** Bytes of all remembered manifests. */
const maxTotalBytes = 1024 * 1024;

/** Bytes of a manifest's objects for each byte of its text, about. */
const objectFactor = 6;

/**
 * Creates the reader of received manifests. It remembers small ones for a moment: `helm push` puts each twice, by its
 * digest and by the tag.
 */
export function createManifestReader(charts: Pick<ChartWork, 'readManifest'>): ReadReceivedManifest {
  const remembered = createByteCache<OciManifest>(maxTotalBytes);

  return async (space, { digest, content }, contentType) => {
    if (content.length > maxRememberedBytes) return charts.readManifest(space, content, contentType);
    // The media type is that of the header where there is one.
    const key = `${digest} ${contentType ?? ''}`;
    const known = remembered.get(key);
    if (known) return known;
    const manifest = await charts.readManifest(space, content, contentType);
    remembered.set(key, manifest, content.length * objectFactor);
    return manifest;
  };
}
