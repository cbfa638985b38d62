/** File to upload: bytes in memory, or a file of the disk or the browser. */
export type UploadFile = Blob | Uint8Array | ArrayBuffer;

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
  if (file instanceof Blob) return file;
  if (typeof file === 'string' || file instanceof ArrayBuffer) return new Blob([file]);
  return new Blob([hasUnsharedMemory(file) ? file : new Uint8Array(file)]);
}

/** Whether the memory of some bytes is of one thread alone; a Blob takes no other. */
function hasUnsharedMemory(bytes: Uint8Array): bytes is Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer;
}
