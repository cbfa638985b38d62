import { windowSize } from './header-block.ts';

/** Sample of hashes of a text, for estimating how much one text could copy from another. */
export interface Fingerprint {
  /** Distinct hashes of the text's first deflate window. */
  head: Uint32Array;
  /** Hashes of the text's last deflate window. */
  tail: ReadonlySet<number>;
  /** Cached results of {@link sharedFraction} by the text before; created on first use. */
  fractions?: WeakMap<Fingerprint, number>;
  /** Cached results of `measureSavedBytes` by the text before; created on first use. */
  saved?: WeakMap<Fingerprint, number>;
}

/** Bytes of one hash; shorter copies save little. */
const bytesPerHash = 8;

/** Number of hashes of which about one is sampled. */
const hashesPerSample = 16;

/** Makes the fingerprint of a text. */
export function fingerprintText(text: Buffer): Fingerprint {
  return {
    head: Uint32Array.from(sampleHashes(text.subarray(0, windowSize))),
    tail: sampleHashes(text.subarray(-windowSize)),
  };
}

/** Estimates the fraction of a text's begin that the text before ends with. The fraction is 0 to 1. */
export function sharedFraction(before: Fingerprint, fingerprint: Fingerprint): number {
  fingerprint.fractions ??= new WeakMap();
  const cached = fingerprint.fractions.get(before);
  if (cached !== undefined) return cached;
  let same = 0;
  for (const hash of fingerprint.head) if (before.tail.has(hash)) same += 1;
  const fraction = same / Math.max(1, fingerprint.head.length);
  fingerprint.fractions.set(before, fraction);
  return fraction;
}

function sampleHashes(text: Buffer): Set<number> {
  const found = new Set<number>();
  // Rolling polynomial hash: each step adds a byte and subtracts the one that leaves the span.
  const factor = 0x01000193;
  let oldestFactor = 1;
  for (let times = 0; times < bytesPerHash; times += 1) oldestFactor = Math.imul(oldestFactor, factor);
  let hash = 0;
  for (let at = 0; at < text.length; at += 1) {
    hash = (Math.imul(hash, factor) + (text[at] ?? 0) + 1) | 0;
    if (at >= bytesPerHash) hash = (hash - Math.imul(oldestFactor, (text[at - bytesPerHash] ?? 0) + 1)) | 0;
    // Only the high bits are mixed well enough to sample by.
    const mixed = Math.imul(hash, 0x9e3779b1) >>> 0;
    if (at >= bytesPerHash - 1 && mixed >>> 16 < 65_536 / hashesPerSample) found.add(mixed);
  }
  return found;
}
