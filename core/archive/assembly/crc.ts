// CRC-32 of concatenated bytes, from the CRC-32 of each part (as zlib's crc32_combine; IEEE polynomial, reflected).

const polynomial = 0xedb88320;

/** Multiplies two polynomials modulo the CRC's polynomial. The highest bit is x to the power 0. */
export function multiplyCrc(left: number, right: number): number {
  let product = 0;
  for (let mask = 0x80000000; mask !== 0; mask >>>= 1) {
    if (left & mask) {
      product ^= right;
      if ((left & (mask - 1)) === 0) break;
    }
    right = right & 1 ? (right >>> 1) ^ polynomial : right >>> 1;
  }
  return product >>> 0;
}

/** Powers of x with the exponents 2^n, for n from 0 to 31. */
const powersOfX = makePowers();

function makePowers(): number[] {
  const made = [0x40000000];
  for (let power = 0x40000000; made.length < 32; made.push(power)) power = multiplyCrc(power, power);
  return made;
}

/** Computes the factor for {@link combineCrc} of a part's length in bytes. Callers keep it for repeated lengths. */
export function crcMultiplierFor(bytes: number): number {
  let multiplier = 0x80000000;
  for (let rest = bytes, n = 3; rest > 0; rest = Math.floor(rest / 2), n += 1) {
    if (rest % 2 === 1) multiplier = multiplyCrc(powersOfX[n % 32] ?? 0, multiplier);
  }
  return multiplier;
}

/**
 * Combines the CRCs of two parts into the CRC of both, one behind the other.
 * @param multiplier `crcMultiplierFor` the second part's length
 */
export function combineCrc(first: number, second: number, multiplier: number): number {
  return (multiplyCrc(multiplier, first) ^ second) >>> 0;
}
