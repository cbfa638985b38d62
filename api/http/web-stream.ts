import type { Readable } from 'node:stream';

/**
 * Turns a Node stream into a web stream that reads ahead nothing. `Readable.toWeb` ends the process when the client
 * disconnects at the wrong moment (nodejs/node#54205); here a failure concerns one response.
 */
export function webStreamOf(readable: Readable): ReadableStream<Uint8Array> {
  const chunks: AsyncIterator<Uint8Array> = readable[Symbol.asyncIterator]();
  // Keep the error for the next `pull`: without a listener it would end the process.
  readable.on('error', () => undefined);
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await chunks.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel() {
        readable.destroy();
      },
    },
    { highWaterMark: 0 },
  );
}
