import { z } from 'zod';
import type { StoredBlob } from '../port.ts';
import { digestOfKey } from './keys.ts';

/** Page of a bucket's listing. */
export interface ListingPage {
  blobs: StoredBlob[];
  /** Continuation token of the next page; undefined after the last. */
  next: string | undefined;
}

const entrySchema = z.object({
  Key: z.string(),
  Size: z.coerce.number().int().nonnegative(),
  LastModified: z.coerce.date(),
});

/**
 * Parses a response of ListObjectsV2, and skips objects that are not blobs. The response is flat and made by a program,
 * and only keys, numbers and dates are read, so no XML parser is needed.
 * @throws when the text is not such a response
 */
export function readListing(xml: string): ListingPage {
  if (!/<ListBucketResult[\s>]/.test(xml))
    throw new Error('the object store answered a listing with something else');
  const blobs: StoredBlob[] = [];
  for (const [, contents = ''] of xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
    const entry = entrySchema.parse({
      Key: textOf(contents, 'Key'),
      Size: textOf(contents, 'Size'),
      LastModified: textOf(contents, 'LastModified'),
    });
    const digest = digestOfKey(entry.Key);
    if (digest) blobs.push({ digest, size: entry.Size, storedAt: entry.LastModified });
  }
  const next = textOf(xml, 'IsTruncated') === 'true' ? textOf(xml, 'NextContinuationToken') : undefined;
  return { blobs, next };
}

function textOf(xml: string, element: string): string | undefined {
  const found = new RegExp(`<${element}>([^<]*)</${element}>`).exec(xml)?.[1];
  return found?.replaceAll(/&(amp|lt|gt|quot|apos|#\d+|#x[\da-fA-F]+);/g, (whole, name: string) =>
    decodeXmlEntity(whole, name),
  );
}

function decodeXmlEntity(whole: string, name: string): string {
  if (name.startsWith('#x')) return String.fromCodePoint(Number.parseInt(name.slice(2), 16));
  if (name.startsWith('#')) return String.fromCodePoint(Number(name.slice(1)));
  return { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }[name] ?? whole;
}
