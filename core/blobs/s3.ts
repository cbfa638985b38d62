import { PassThrough, pipeline, Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { z } from 'zod';
import { DamagedBlob } from './damaged-blob.ts';
import type { BlobStore, Content, Digest, StoredBlob } from './port.ts';
import { type BucketClient, createBucketClient } from './s3/bucket-client.ts';
import { S3Fault } from './s3/fault.ts';
import { keyPrefix, objectKey } from './s3/keys.ts';
import { readListing } from './s3/listing.ts';
import { createSigner, type S3LinkOptions, type S3Options } from './s3/options.ts';
import { streamWithholdingLastChunk } from './verify.ts';

const sizeSchema = z.string().regex(/^\d+$/).transform(Number);

/**
 * Creates a blob store in one bucket, with keys `sha256/ab/<hex>`. A blob is one PUT, which S3 makes visible
 * with its last byte or not at all. Only the bytes in transit are in memory.
 *
 * Errors that the store answered are an `S3Fault` with S3's code and the status; a missing bucket is one of
 * them. Lost connections and silence fail with a `code` within the timeouts of `S3Limits`.
 */
export function createS3Blobs(options: S3Options): BlobStore {
  const calls = createBucketClient(options);

  return {
    put: (content) => putObject(calls, content),
    async open(digest, range, size) {
      const headers = range ? { range: `bytes=${range.first}-${range.last}` } : {};
      const response = await calls
        .send({ method: 'GET', key: objectKey(digest), headers })
        .catch(undefinedIfNotFound('NoSuchKey'))
        .catch(damagedIfShort(digest));
      if (!response) return undefined;
      const { body, statusCode } = response;
      // undici's own stream fails when its reader stops half-way, so pipe it into a plain one.
      const bytes = new PassThrough();
      pipeline(body, bytes, () => undefined);
      const found = size === undefined ? size : wholeSize(response);
      if (found !== size) {
        bytes.destroy();
        throw new DamagedBlob(digest, `it has ${found} bytes instead of ${size}`);
      }
      if (!range || statusCode === 206) return bytes;
      bytes.destroy();
      throw new S3Fault(
        'HTTP 200',
        statusCode,
        'the object store answers a range request with the whole object',
      );
    },
    async stat(digest) {
      const headers = await calls
        .run({ method: 'HEAD', key: objectKey(digest) })
        .catch(undefinedIfNotFound('HTTP 404'));
      if (headers) return { size: sizeSchema.parse(headers['content-length']) };
      // A HEAD does not tell a missing object from a missing bucket.
      await calls.run({ method: 'HEAD' });
      return undefined;
    },
    list: () => listObjects(calls),
    async delete(digest) {
      await calls.run({ method: 'DELETE', key: objectKey(digest) }).catch(undefinedIfNotFound('NoSuchKey'));
    },
    async ping() {
      await calls.run({ method: 'HEAD' });
    },
    ...(options.links ? { link: createBlobLinker(options, options.links) } : {}),
    close: () => calls.close(),
  };
}

/** Reads the size in bytes of the whole object, also from a partial answer; undefined where the headers lack it. */
function wholeSize({ headers }: Dispatcher.ResponseData): number | undefined {
  const total = /\/(\d+)$/.exec(String(headers['content-range'] ?? ''))?.[1] ?? headers['content-length'];
  return total === undefined ? undefined : sizeSchema.parse(total);
}

/** Maps status 416 to damage: the row says that the blob has the range, so its object was cut short. */
const damagedIfShort = (digest: Digest) => (error: unknown) => {
  if (error instanceof S3Fault && error.status === 416) throw new DamagedBlob(digest, 'it was cut short');
  throw error;
};

async function putObject(calls: BucketClient, content: Content): Promise<void> {
  await calls.run({
    method: 'PUT',
    key: objectKey(content.digest),
    headers: { 'content-length': String(content.size), 'content-type': 'application/gzip' },
    body: () => Readable.from(streamWithholdingLastChunk(content), { objectMode: false }),
  });
}

async function* listObjects(calls: BucketClient): AsyncGenerator<StoredBlob> {
  let next: string | undefined;
  do {
    const query = {
      'list-type': '2',
      prefix: keyPrefix,
      ...(next === undefined ? {} : { 'continuation-token': next }),
    };
    const { body } = await calls.send({ method: 'GET', query });
    const page = readListing(await body.text());
    yield* page.blobs;
    next = page.next;
  } while (next !== undefined);
}

// Only S3's code says that an object is missing, since any server answers 404. A HEAD has no code.
const undefinedIfNotFound = (code: 'NoSuchKey' | 'HTTP 404') => (error: unknown) => {
  if (error instanceof S3Fault && error.status === 404 && error.code === code) return undefined;
  throw error;
};

/** Makes presigned links to blobs, valid for `links.lifetimeSeconds` seconds. */
function createBlobLinker(options: S3Options, links: S3LinkOptions): NonNullable<BlobStore['link']> {
  const signer = createSigner(links.endpoint, options);
  return (digest, { filename, contentType }) =>
    signer.presignedGetObject(options.bucket, objectKey(digest), links.lifetimeSeconds, {
      'response-content-type': contentType,
      'response-content-disposition': `attachment; filename="${filename}"`,
    });
}
