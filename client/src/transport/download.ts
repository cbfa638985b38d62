import type { Call } from './call.ts';
import type { Transport } from './transport.ts';

/** File that is being downloaded. Its body can be read once, by one of the methods. */
export interface Download {
  /** Content type of the file. */
  type: string;
  /** Bytes of the file, if the registry has told. */
  size: number | undefined;
  /** Digest or other mark of the content, as the registry's `ETag` has it, without its quotes. */
  etag: string | undefined;
  /** Bytes as they come; cancel the stream if they are not wanted. */
  stream: ReadableStream<Uint8Array>;
  /** Reads all bytes into memory. */
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
  /** Reads all bytes as UTF-8 text. */
  text(): Promise<string>;
  blob(): Promise<Blob>;
}

/** Begins a download. @throws {RegistryError} before the first byte; afterwards the stream fails */
export function download(transport: Transport, call: Call): Promise<Download> {
  return transport.send({ headers: { Accept: '*/*' }, ...call }, toDownload);
}

function toDownload(response: Response): Download {
  const length = response.headers.get('content-length');
  // A decoded body has another length than the header says.
  const isEncoded = response.headers.has('content-encoding');
  return {
    type: response.headers.get('content-type') ?? 'application/octet-stream',
    size: length === null || isEncoded ? undefined : Number(length),
    etag: response.headers.get('etag')?.replace(/^(?:W\/)?"(.*)"$/, '$1'),
    stream: response.body ?? new Blob([]).stream(),
    bytes: async () => new Uint8Array(await response.arrayBuffer()),
    text: () => response.text(),
    blob: () => response.blob(),
  };
}
