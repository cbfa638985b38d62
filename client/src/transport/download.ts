import type { Call } from './call.ts';
import { connectionError } from './connection-error.ts';
import type { Transport } from './transport.ts';

/** File that is being downloaded. Its body can be read once, by one of the methods. */
export interface Download {
  /** Content type of the file. */
  type: string;
  /** Bytes of the file, if the registry has told. */
  size: number | undefined;
  /** Digest or other mark of the content, as the registry's `ETag` has it, without its quotes. */
  etag: string | undefined;
  /** Bytes as they come; the stream fails where the connection breaks off. Cancel it if they are not wanted. */
  stream: ReadableStream<Uint8Array>;
  /** Reads all bytes into memory. @throws {RegistryError} as `text` and `blob` do, where the connection breaks off */
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
  /** Reads all bytes as UTF-8 text. */
  text(): Promise<string>;
  blob(): Promise<Blob>;
}

/** Begins a download. @throws {RegistryError} before the first byte; afterwards reading throws */
export function download(transport: Transport, call: Call): Promise<Download> {
  return transport.send({ headers: { Accept: '*/*' }, ...call }, (response) => toDownload(response, call));
}

function toDownload(response: Response, { signal }: Call): Download {
  const length = response.headers.get('content-length');
  // A decoded body has another length than the header says.
  const isEncoded = response.headers.has('content-encoding');
  const explain = (error: unknown) => {
    signal?.throwIfAborted();
    throw connectionError(response.url, error);
  };
  return {
    type: response.headers.get('content-type') ?? 'application/octet-stream',
    size: length === null || isEncoded ? undefined : Number(length),
    etag: response.headers.get('etag')?.replace(/^(?:W\/)?"(.*)"$/, '$1'),
    stream: response.body ?? new Blob([]).stream(),
    bytes: () => response.arrayBuffer().then((buffer) => new Uint8Array(buffer), explain),
    text: () => response.text().catch(explain),
    blob: () => response.blob().catch(explain),
  };
}
