import type { Call } from './call.ts';
import { connectionError } from './connection-error.ts';
import { createDeadline } from './deadline.ts';
import type { Transport } from './transport.ts';

/** File that is being downloaded. Its body can be read once, by one of the methods. */
export interface Download {
  /** Content type of the file. */
  type: string;
  /** Bytes of the file, if the response has `Content-Length`. */
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
export async function download(transport: Transport, call: Call): Promise<Download> {
  // A signal of its own: a caller's signal that outlives many downloads would remember each of them.
  const { signal, dispose } = createDeadline(Number.POSITIVE_INFINITY, [call.signal]);
  try {
    return await transport.send({ headers: { Accept: '*/*' }, ...call, signal }, (response) =>
      toDownload(response, signal, dispose),
    );
  } catch (error) {
    dispose();
    throw error;
  }
}

/** @param dispose is called once the body is read */
function toDownload(response: Response, signal: AbortSignal, dispose: () => void): Download {
  const length = response.headers.get('content-length');
  // A decoded body has another length than the header says.
  const isEncoded = response.headers.has('content-encoding');
  const explain = (error: unknown) => {
    signal.throwIfAborted();
    throw connectionError(response.url, error);
  };
  let stream: ReadableStream<Uint8Array> | undefined;
  return {
    type: response.headers.get('content-type') ?? 'application/octet-stream',
    size: length === null || isEncoded ? undefined : Number(length),
    etag: response.headers.get('etag')?.replace(/^(?:W\/)?"(.*)"$/, '$1'),
    get stream() {
      // Made for the first who asks: it locks the body, which the methods below read otherwise.
      stream ??= streamWithEndCallback(response.body ?? new Blob([]).stream(), dispose);
      return stream;
    },
    bytes: () =>
      response
        .arrayBuffer()
        .then((buffer) => new Uint8Array(buffer), explain)
        .finally(dispose),
    text: () => response.text().catch(explain).finally(dispose),
    blob: () => response.blob().catch(explain).finally(dispose),
  };
}

/** Reads a stream as its reader asks for it. @param over is called once, when it ends, fails or is cancelled */
function streamWithEndCallback(
  body: ReadableStream<Uint8Array>,
  over: () => void,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await reader.read().catch((error: unknown) => {
          over();
          throw error;
        });
        if (!done) return controller.enqueue(value);
        over();
        controller.close();
      },
      cancel(reason) {
        over();
        return reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}
