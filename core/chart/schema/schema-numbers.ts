/** Text of a schema, or a number in it; a text in quotes is matched so that numbers inside it are left alone. */
const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/gs;

/** Numbers that JavaScript may not hold as they are written: of many digits, or with a large exponent. */
const suspicious = /\d{16}|[\d.]{17}|[eE][+-]?\d{3}/;

/**
 * Brings the numbers of a schema into the range of JavaScript. Helm keeps their digits; values are numbers of JavaScript's
 * kind in Helm, too, so that one beyond the range compares with all but the last as the last one within it does.
 *
 * @returns `inexact`, the numbers whose last digits are lost
 */
export function fitNumbers(text: string): { text: string; inexact: string[] } {
  if (!suspicious.test(text)) return { text, inexact: [] };
  const inexact = new Set<string>();
  const fitted = text.replace(tokens, (token) => {
    if (token.startsWith('"') || !suspicious.test(token)) return token;
    const value = Number(token);
    const sign = token.startsWith('-') ? '-' : '';
    if (Math.abs(value) === Number.POSITIVE_INFINITY) return `${sign}${Number.MAX_VALUE}`;
    if (value === 0 && /[1-9]/.test(token.split(/[eE]/)[0] ?? '')) return `${sign}${Number.MIN_VALUE}`;
    if (digitsOf(token) !== digitsOf(String(value))) inexact.add(token);
    return token;
  });
  return { text: fitted, inexact: [...inexact] };
}

/** Digits without zeros at the ends, whatever stands between them: equal for a number and its nearest when none is lost. */
function digitsOf(number: string): string {
  const [mantissa = ''] = number.split(/[eE]/);
  return mantissa.replace(/[-.]/g, '').replace(/^0+|0+$/g, '');
}
