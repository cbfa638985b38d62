import { block } from '../tar-header.ts';

/** Bytes that stand in for a header while nobody knows it, and others; the same everywhere, so that pieces are. */
export const noise = makeNoise();
export const otherNoise = Buffer.from(noise.map((byte) => 255 - byte));

function makeNoise(): Buffer {
  const bytes = Buffer.alloc(block);
  let state = 1;
  for (let at = 0; at < block; at += 1) {
    // Knuth's linear congruence; its high bits are the random ones.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}
