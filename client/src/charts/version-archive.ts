import { type Download, download } from '../transport/download.ts';
import type { CallOptions } from '../transport/options.ts';
import type { Transport } from '../transport/transport.ts';
import type { ChartLink } from '../types/versions.ts';
import { createUploadForm, type UploadFile, type UploadFiles } from './upload-form.ts';

/** Archive of a version, with its provenance file. */
export interface VersionArchive {
  /** Address of the archive, for links. */
  readonly archiveUrl: string;
  /** Downloads the archive, byte for byte as it was stored. */
  download(options?: CallOptions): Promise<Download>;
  /** Replaces the archive of a version that exists, in a mutable space. */
  replace(archive: UploadFile, options?: UploadFiles & CallOptions): Promise<ChartLink>;
  /** Deletes the version; the chart goes with its last one. */
  delete(options?: CallOptions): Promise<void>;
  /** Reads the provenance file. @throws {RegistryError} `provenance.notFound` */
  provenance(options?: CallOptions): Promise<string>;
  /** Attaches a provenance file, which must vouch for the archive as it is. */
  attachProvenance(provenance: string, options?: CallOptions): Promise<void>;
}

/** Creates the methods of the archive of a version. */
export function createVersionArchive(transport: Transport, path: string): VersionArchive {
  const provenance = `${path}/provenance`;
  return {
    archiveUrl: transport.urlOf(path),
    download: (options) => download(transport, { ...options, path }),
    replace: (archive, { provenance, ...options } = {}) =>
      transport.json({
        ...options,
        method: 'PUT',
        path,
        body: { content: createUploadForm(archive, { provenance }) },
      }),
    delete: (options) => transport.done({ ...options, method: 'DELETE', path }),
    provenance: (options) =>
      transport.send({ ...options, path: provenance, headers: { Accept: '*/*' } }, (response) =>
        response.text(),
      ),
    attachProvenance: (text, options) =>
      transport.done({
        ...options,
        method: 'PUT',
        path: provenance,
        body: { content: text, type: 'application/pgp-signature' },
      }),
  };
}
