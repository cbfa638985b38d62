import type { BlobStore } from '../port.ts';
import { keyOf } from './keys.ts';
import { createSigner, type S3Links, type S3Options } from './options.ts';

/** Makes presigned links to blobs, valid for `links.lifetime` seconds. */
export function createLinker(options: S3Options, links: S3Links): NonNullable<BlobStore['link']> {
  const signer = createSigner(links.endpoint, options);
  return (digest, { filename, contentType }) =>
    signer.presignedGetObject(options.bucket, keyOf(digest), links.lifetime, {
      'response-content-type': contentType,
      'response-content-disposition': `attachment; filename="${filename}"`,
    });
}
