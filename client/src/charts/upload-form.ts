/** File to upload: bytes in memory, or a file of the disk or the browser. */
export type UploadFile = Blob | Uint8Array<ArrayBuffer> | ArrayBuffer;

/** Options of an upload. */
export interface UploadFiles {
  /** Provenance file of the archive, as `helm package --sign` writes it. */
  provenance?: UploadFile | string | undefined;
}

/**
 * Builds the form that uploads an archive. It is for callers too that send it by other means than `fetch`, as a page
 * with XMLHttpRequest that shows the progress.
 */
export function createUploadForm(archive: UploadFile, { provenance }: UploadFiles = {}): FormData {
  const form = new FormData();
  form.set('chartfile', toBlob(archive), 'chart.tgz');
  if (provenance !== undefined) form.set('provfile', toBlob(provenance), 'chart.tgz.prov');
  return form;
}

function toBlob(file: UploadFile | string): Blob {
  return file instanceof Blob ? file : new Blob([file]);
}
