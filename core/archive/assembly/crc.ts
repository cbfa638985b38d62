// CRC-32 of things put together, out of the CRC-32 of the things (as zlib's crc32_combine; IEEE polynomial, reflected).

const polynomial = 0xedb88320;

/** Multiplies two polynomials modulo the CRC's own; the highest bit is x to the power 0. */
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

/** x to the power 2^n, for n from 0 to 31. */
const powers = makePowers();

function makePowers(): number[] {
  const made = [0x40000000];
  for (let power = 0x40000000; made.length < 32; made.push(power)) power = multiplyCrc(power, power);
  return made;
}

/** What a CRC is multiplied by when so many bytes follow; made once for a length that comes often. */
export function crcMultiplierFor(bytes: number): number {
  let shift = 0x80000000;
  for (let rest = bytes, n = 3; rest > 0; rest = Math.floor(rest / 2), n += 1) {
    if (rest % 2 === 1) shift = multiplyCrc(powers[n % 32] ?? 0, shift);
  }
  return shift;
}

/** The CRC of first and second, one behind the other. @param shift `crcMultiplierFor` of the second's length */
export function combineCrc(first: number, second: number, shift: number): number {
  return (multiplyCrc(shift, first) ^ second) >>> 0;
}
