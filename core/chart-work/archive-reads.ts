import type { ChartLimits } from '../archive/limits.ts';
import type { ArchiveContents } from '../chart/contents/read-contents.ts';
import type { ChartThreadCaller } from './call-pool.ts';

/** Loads an archive, once a thread is free. */
export type LoadArchive = () => Promise<Buffer>;

/** Reads of stored archives, each in a thread. */
export interface ArchiveReads {
  /**
   * Reads the templates and own values of a chart, as JSON.
   * @throws {RegistryError} as `readArchiveFiles`; `service.busy`
   */
  readTemplates(space: string, archive: LoadArchive): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * Reads all that an archive holds.
   * @param keepBytes bytes of files that come along
   * @throws {RegistryError} as `readContents`; `service.busy`
   */
  readContents(space: string, archive: LoadArchive, keepBytes: number): Promise<ArchiveContents>;
  /**
   * Reads a file of an archive.
   * @returns undefined where it has none at the path
   * @throws {RegistryError} as `readContentsFile`; `service.busy`
   */
  readContentsFile(
    space: string,
    archive: LoadArchive,
    path: string,
  ): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /**
   * Computes the values of a chart with their origins, as JSON.
   * @throws {RegistryError} as `readChart` and `findOrigins`; `service.busy`
   */
  readOrigins(space: string, archive: LoadArchive): Promise<Uint8Array<ArrayBuffer>>;
}

/** Creates the reads of archives. */
export function createArchiveReads(callThread: ChartThreadCaller, limits: ChartLimits): ArchiveReads {
  return {
    async readTemplates(space, archive) {
      const load = async () => ({ kind: 'templates' as const, archive: await archive(), limits });
      return (await callThread('templates', space, load)).json;
    },
    async readContents(space, archive, keepBytes) {
      const load = async () => ({ kind: 'contents' as const, archive: await archive(), limits, keepBytes });
      return (await callThread('contents', space, load)).contents;
    },
    async readContentsFile(space, archive, path) {
      const load = async () => ({ kind: 'file' as const, archive: await archive(), limits, path });
      return (await callThread('file', space, load)).bytes;
    },
    async readOrigins(space, archive) {
      const load = async () => ({ kind: 'origins' as const, archive: await archive(), limits });
      return (await callThread('origins', space, load)).json;
    },
  };
}
