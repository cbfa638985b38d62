import { windowSize } from './header-block.ts';

/** What is known of a text to tell how much of it another text would save: a sample of what stands in it, each once. */
export interface Fingerprint {
  /** Of as much at its begin as deflate reaches back, and at its end. */
  head: Uint32Array;
  tail: ReadonlySet<number>;
  /** What was found out of others before this one; filled in when it is first needed. */
  shares?: WeakMap<Fingerprint, number>;
}

/** Bytes that are looked at together; shorter copies save little. */
const span = 8;

/** One of so many is in the sample. */
const rarity = 16;

export function fingerprintText(text: Buffer): Fingerprint {
  return {
    head: Uint32Array.from(sampleHashes(text.subarray(0, windowSize))),
    tail: sampleHashes(text.subarray(-windowSize)),
  };
}

/** Which part of what is new at the begin of a text stands at the end of the one before, from 0 to 1. */
export function sharedFraction(before: Fingerprint, sketch: Fingerprint): number {
  sketch.shares ??= new WeakMap();
  const known = sketch.shares.get(before);
  if (known !== undefined) return known;
  let same = 0;
  for (const hash of sketch.head) if (before.tail.has(hash)) same += 1;
  const share = same / Math.max(1, sketch.head.length);
  sketch.shares.set(before, share);
  return share;
}

function sampleHashes(text: Buffer): Set<number> {
  const found = new Set<number>();
  // A polynomial in the bytes; the first is taken off when the next is added.
  const factor = 0x01000193;
  let gone = 1;
  for (let times = 0; times < span; times += 1) gone = Math.imul(gone, factor);
  let hash = 0;
  for (let at = 0; at < text.length; at += 1) {
    hash = (Math.imul(hash, factor) + (text[at] ?? 0) + 1) | 0;
    if (at >= span) hash = (hash - Math.imul(gone, (text[at - span] ?? 0) + 1)) | 0;
    // Its high bits are the mixed ones.
    const mixed = Math.imul(hash, 0x9e3779b1) >>> 0;
    if (at >= span - 1 && mixed >>> 16 < 65_536 / rarity) found.add(mixed);
  }
  return found;
}
