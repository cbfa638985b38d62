/**
 * Checks for a multiple by decimal digits, so that 0.3 is a multiple of 0.1.
 * Helm computes with fractions of the written digits, which are the shortest digits of a number.
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

/** Wraps a whole number to 64 bits as Go does: 1e400 is 0. */
export function wrapInteger(value: number): number {
  if (Number.isSafeInteger(value)) return value;
  const { digits, exponent } = decimalOf(value);
  return Number(BigInt.asIntN(64, digits * 10n ** BigInt(exponent)));
}

/** Reads a decimal text as Go's `Rat.SetString` does. Undefined stands for other texts, fractions and other bases. */
export function readDecimal(text: string): number | undefined {
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined;
}

function decimalOf(value: number): { digits: bigint; exponent: number } {
  const [mantissa = '0', exponent = '0'] = String(value).split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  return { digits: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length };
}
