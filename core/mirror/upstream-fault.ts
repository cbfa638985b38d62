/** Codes of what an upstream answered, or did not. */
export type UpstreamCode =
  /** It does not have the file. */
  | 'upstream.missing'
  /** It wants other credentials, or refuses these. */
  | 'upstream.denied'
  /** It wants fewer requests; `retryAt` says when again. */
  | 'upstream.busy'
  /** It cannot be reached, breaks off, or says that it is at fault. */
  | 'upstream.unavailable'
  /** It answers what makes no sense here. */
  | 'upstream.invalid'
  /** Its address may not be called. */
  | 'upstream.forbidden'
  /** The run has asked it for as long as a run may. */
  | 'mirror.tooLong';

/** Answer of an upstream that is not a file, or none at all. The message is a sentence for the owners of a mirror. */
export class UpstreamFault extends Error {
  override name = 'UpstreamFault';
  readonly code: UpstreamCode;
  /** Milliseconds since 1970 before which it is not asked again. */
  readonly retryAt: number | undefined;

  constructor(code: UpstreamCode, message: string, retryAt?: number) {
    super(message);
    this.code = code;
    this.retryAt = retryAt;
  }
}

/** Largest time in milliseconds that an upstream can have us wait: a day. */
const maxWaitMs = 24 * 3_600_000;

/**
 * Reads `Retry-After`, seconds or a date (RFC 9110 section 10.2.3).
 * @param now milliseconds since 1970
 * @returns milliseconds since 1970, within a day; undefined for a header that says nothing
 */
export function readRetryAfter(header: string | string[] | undefined, now: number): number | undefined {
  if (typeof header !== 'string') return undefined;
  const at = /^\d+$/.test(header.trim()) ? now + Number(header) * 1_000 : Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.min(Math.max(at, now), now + maxWaitMs);
}

/** Describes a URL in messages: without its query, which may have a signature. */
export function shownUrl(url: URL): string {
  return `${url.origin}${url.pathname}`;
}
