/**
 * Whether a number is a multiple of another, as decimals: 0.3 is one of 0.1. Helm computes with fractions of the digits
 * that are written, and the shortest digits of a number are those.
 */
export function isMultipleOf(value: number, divisor: number): boolean {
  if (Number.isSafeInteger(value) && Number.isSafeInteger(divisor)) return value % divisor === 0;
  const left = decimalOf(value);
  const right = decimalOf(divisor);
  const shift = left.exponent - right.exponent;
  const scaled =
    shift >= 0
      ? [left.digits * 10n ** BigInt(shift), right.digits]
      : [left.digits, right.digits * 10n ** BigInt(-shift)];
  return (scaled[0] ?? 0n) % (scaled[1] ?? 1n) === 0n;
}

/** Whole number as Go keeps it in 64 bits, of which only the last count: 1e400 is 0. */
export function wrapInteger(value: number): number {
  if (Number.isSafeInteger(value)) return value;
  const { digits, exponent } = decimalOf(value);
  return Number(BigInt.asIntN(64, digits * 10n ** BigInt(exponent)));
}

/** Number that a text is for Go's `Rat.SetString`; undefined for other texts, and for fractions and other bases than ten. */
export function readDecimal(text: string): number | undefined {
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined;
}

function decimalOf(value: number): { digits: bigint; exponent: number } {
  const [mantissa = '0', exponent = '0'] = String(value).split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  return { digits: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length };
}
