import { createList, type List } from '../lists/list.ts';
import { encodeFilePath } from '../transport/address.ts';
import { type Download, download } from '../transport/download.ts';
import type { CallOptions } from '../transport/options.ts';
import type { Transport } from '../transport/transport.ts';
import type { ChartFile, FileKind } from '../types/versions.ts';

/** Filter of a list of files. */
export interface FileFilter {
  kind?: FileKind;
  /** Start of the paths, such as `templates/` or `charts/redis/`. */
  path?: string;
}

/** Files of a version. */
export interface VersionFiles {
  /** Address of the icon, for images; it leads to a 404 where the version has none. */
  readonly iconUrl: string;
  /** Files of the archive, those of subcharts too. */
  files(filter?: FileFilter, options?: CallOptions): List<ChartFile>;
  /** Makes the address of a file, for links. */
  fileUrl(path: string): string;
  /** Downloads a file of the archive. */
  file(path: string, options?: CallOptions): Promise<Download>;
  /** Reads a file of the archive as text. */
  fileText(path: string, options?: CallOptions): Promise<string>;
  /** Reads the chart's README; undefined where it has none. */
  readme(options?: CallOptions): Promise<string | undefined>;
}

/** Creates the methods of the files of a version. */
export function createVersionFiles(transport: Transport, versionPath: string): VersionFiles {
  const path = `${versionPath}/files`;
  const pathOf = (file: string) => `${path}/${encodeFilePath(file)}`;
  const files: VersionFiles['files'] = (filter, options) =>
    createList(transport, { ...options, path, query: { ...filter } });
  const fileText: VersionFiles['fileText'] = (file, options) =>
    transport.send({ ...options, path: pathOf(file), headers: { Accept: '*/*' } }, (response) =>
      response.text(),
    );
  return {
    iconUrl: transport.urlOf(`${versionPath}/icon`),
    files,
    fileUrl: (file) => transport.urlOf(pathOf(file)),
    file: (file, options) => download(transport, { ...options, path: pathOf(file) }),
    fileText,
    async readme(options) {
      const { items } = await files({ kind: 'readme' }, options).page({ limit: 100 });
      const own = items.find((file) => !file.path.includes('/'));
      return own && fileText(own.path, options);
    },
  };
}
