/** A quoted text, or a number; texts are matched so that numbers inside them are skipped. */
const textOrNumber = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/gs;

/** Numbers that JavaScript may not represent exactly: of many digits, or with a large exponent. */
const possiblyInexactNumber = /\d{16}|[\d.]{17}|[eE][+-]?\d{3}/;

/**
 * Brings the numbers of a schema into JavaScript's range.
 * Helm keeps their digits, but values are floating-point numbers in Helm too. So a number beyond the range compares
 * with almost every value as the last number within the range does.
 *
 * @returns `inexact`: numbers whose last digits are lost
 */
export function fitNumbers(text: string): { text: string; inexact: string[] } {
  if (!possiblyInexactNumber.test(text)) return { text, inexact: [] };
  const inexact = new Set<string>();
  const fitted = text.replace(textOrNumber, (token) => {
    if (token.startsWith('"') || !possiblyInexactNumber.test(token)) return token;
    const value = Number(token);
    const sign = token.startsWith('-') ? '-' : '';
    if (Math.abs(value) === Number.POSITIVE_INFINITY) return `${sign}${Number.MAX_VALUE}`;
    if (value === 0 && /[1-9]/.test(token.split(/[eE]/)[0] ?? '')) return `${sign}${Number.MIN_VALUE}`;
    if (digitsOf(token) !== digitsOf(String(value))) inexact.add(token);
    return token;
  });
  return { text: fitted, inexact: [...inexact] };
}

/** Returns the digits without outer zeros: equal for a number and its nearest representation if no digit is lost. */
function digitsOf(number: string): string {
  const [mantissa = ''] = number.split(/[eE]/);
  return mantissa.replace(/[-.]/g, '').replace(/^0+|0+$/g, '');
}
