import type { Readable } from 'node:stream';

/**
 * Gives a stream of bytes to an answer, a piece when the client has taken the last. `Readable.toWeb` ends the process when the
 * client goes at the wrong moment (nodejs/node#54205); here every failure is one of this answer.
 */
export function webStreamOf(readable: Readable): ReadableStream<Uint8Array> {
  const chunks: AsyncIterator<Uint8Array> = readable[Symbol.asyncIterator]();
  // A failure while nobody asks for the next piece is told when somebody does.
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
