import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { runUninterrupted } from './threads/uninterrupted.ts';

// Functions of zlib for code that threads run: a thread is not ended while a stream is made. The synchronous ones and
// those that return a promise make a stream too.

/** Compresses bytes in zlib's threads, with a gzip header. */
export const gzip = makesStream(promisify(zlib.gzip));

/** Compresses bytes in zlib's threads, with a zlib header. */
export const deflate = makesStream(promisify(zlib.deflate));

/** Compresses bytes in zlib's threads, without a header. */
export const deflateRaw = makesStream(promisify(zlib.deflateRaw));

/** Compresses bytes on the calling thread, without a header. */
export const deflateRawSync = makesStream(zlib.deflateRawSync);

/** Unpacks bytes with a zlib header in zlib's threads. */
export const inflate = makesStream(promisify(zlib.inflate));

/** Unpacks bytes with a gzip header on the calling thread. */
export const gunzipSync = makesStream(zlib.gunzipSync);

/** Creates a stream that unpacks bytes with a gzip header. */
export const createGunzip = makesStream(zlib.createGunzip);

function makesStream<Args extends unknown[], Result>(
  make: (...args: Args) => Result,
): (...args: Args) => Result {
  return (...args) => runUninterrupted(() => make(...args));
}
