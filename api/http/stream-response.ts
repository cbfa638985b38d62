import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/**
 * Sends the head of a response, and a stream as its body.
 * A client that disconnects early only ends the stream.
 * @throws the errors of the stream; the response is cut off then
 */
export async function streamResponse(
  outgoing: ServerResponse | Http2ServerResponse,
  { status, headers }: Response,
  body: Readable,
): Promise<void> {
  if (outgoing.destroyed) {
    body.destroy();
    return;
  }
  outgoing.writeHead(status, Object.fromEntries(headers));
  try {
    await pipeline(body, outgoing);
  } catch (error) {
    if (!isPrematureClose(error)) throw error;
  }
}

function isPrematureClose(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
}
