import type { Context as HonoContext } from 'hono';
import type { ByteRange } from '../../core/blobs/port.ts';
import { RegistryError } from '../../core/errors.ts';
import type { Env } from './env.ts';

/** Content that a range may be read of. */
export interface RangedContent {
  /** Bytes of the whole. */
  size: number;
  etag: string;
  /** Noun for the error's message. */
  noun: 'archive' | 'blob';
}

/**
 * Reads the byte range of a GET. `If-Range` with another ETag cancels it (RFC 9110 sections 13.1.5 and 14.2). A date
 * in `If-Range` never matches: two versions stored within a second would share it. Several ranges and other units get
 * the whole, as section 14.2 allows. So does a range of an archive that ends before it begins; for a blob the
 * distribution spec's conformance program demands that it is refused.
 * @returns undefined for the whole
 * @throws {RegistryError} `range.notSatisfiable`
 */
export function readRange(c: HonoContext<Env>, { size, etag, noun }: RangedContent): ByteRange | undefined {
  const ifRange = c.req.header('if-range');
  if (c.req.method !== 'GET' || (ifRange !== undefined && ifRange !== etag)) return undefined;
  const parts = /^bytes=(\d*)-(\d*)$/i.exec((c.req.header('range') ?? '').replace(/[ \t]/g, ''));
  const [, from = '', to = ''] = parts ?? [];
  if (from === '' && to === '') return undefined;
  const first = from === '' ? Math.max(size - Number(to), 0) : Number(from);
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  const isInverted = from !== '' && to !== '' && Number(to) < first;
  if (isInverted && noun === 'archive') return undefined;
  if (!isInverted && first < size) return { first, last };
  c.header('Content-Range', `bytes */${size}`);
  throw new RegistryError('range.notSatisfiable', `The ${noun} has ${size} bytes.`);
}

/** Status and headers of a response with a range, or with the whole. */
export function rangeHead(size: number, range: ByteRange | undefined) {
  if (!range) return { status: 200, headers: { 'Content-Length': String(size) } } as const;
  const { first, last } = range;
  return {
    status: 206,
    headers: {
      'Content-Length': String(last - first + 1),
      'Content-Range': `bytes ${first}-${last}/${size}`,
    },
  } as const;
}
