/** Typed value of a scalar in Helm's parser. `text` is Go's output of it in a field that has to be a string. */
export type Scalar =
  | { kind: 'null' }
  | { kind: 'bool'; value: boolean; text: string }
  /** `unsigned` where the value needs all 64 bits. */
  | { kind: 'int'; value: number; text: string; unsigned: boolean }
  | { kind: 'float'; value: number; text: string }
  /** NaN and infinities, which JSON does not have. */
  | { kind: 'special'; text: string }
  | { kind: 'string'; value: string };

const valuesOfWords = new Map<string, true | false | null>([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map(
    (word) => [word, true] as const,
  ),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map(
    (word) => [word, false] as const,
  ),
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
]);

const specialNumberPattern = /^(?:([-+]?)\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const integerPattern = /^[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)$/;
const floatPattern = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const dotFloatPattern = /^\.[0-9]+(?:[eE][-+]?[0-9]+)?$/;

/**
 * Resolves the type of a plain scalar as go.yaml.in/yaml/v2 does, with which Helm reads charts.
 * Helm reads YAML 1.1 booleans, octals with a leading zero, and underscores in numbers; no base 60; dates stay strings.
 */
export function resolveScalar(source: string): Scalar {
  const word = valuesOfWords.get(source);
  if (word === null) return { kind: 'null' };
  if (word !== undefined) return { kind: 'bool', value: word, text: word ? 'true' : 'false' };
  const first = source.charCodeAt(0);
  const digit = first >= 48 && first <= 57;
  if (!digit && first !== 43 && first !== 45 && first !== 46) return { kind: 'string', value: source };
  const special = source.length <= 5 ? specialNumberPattern.exec(source) : null;
  if (special)
    return {
      kind: 'special',
      text: special[1] === undefined ? '.nan' : special[1] === '-' ? '-.inf' : '.inf',
    };
  if (first === 46)
    return dotFloatPattern.test(source) ? floatScalar(source, source) : { kind: 'string', value: source };
  // Go's parser reads no number this long; the checks below would be slow on a long text.
  if (source.length > 400) return { kind: 'string', value: source };
  const plain = source.includes('_') ? source.replaceAll('_', '') : source;
  if (integerPattern.test(plain)) {
    const scalar = integerScalar(plain);
    if (scalar) return scalar;
  }
  if (/^0b[-+][01]{1,63}$/.test(plain))
    return integerScalar(`${plain[2]}0b${plain.slice(3)}`) ?? { kind: 'string', value: source };
  return floatPattern.test(plain) ? floatScalar(plain, source) : { kind: 'string', value: source };
}

function integerScalar(plain: string): Scalar | undefined {
  if (plain.length < 15 && /^(?:0|-?[1-9][0-9]*)$/.test(plain)) {
    return { kind: 'int', value: Number(plain), text: plain, unsigned: false };
  }
  const signed = plain.startsWith('-') || plain.startsWith('+');
  const digits = signed ? plain.slice(1) : plain;
  // Go reads a leading zero as octal, BigInt as decimal.
  const literal = /^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits.toLowerCase();
  const magnitude = BigInt(literal);
  const value = plain.startsWith('-') ? -magnitude : magnitude;
  const maxInteger = signed ? 2n ** 63n - 1n : 2n ** 64n - 1n;
  if (value > maxInteger || value < -(2n ** 63n)) return undefined;
  const unsigned = value >= 2n ** 63n;
  return { kind: 'int', value: Number(value), text: String(value), unsigned };
}

function floatScalar(plain: string, source: string): Scalar {
  const value = Number(plain);
  return Number.isFinite(value)
    ? { kind: 'float', value, text: formatFloat(value) }
    : { kind: 'string', value: source };
}

/**
 * Formats a float as Go's `strconv.FormatFloat(x, 'g', -1, 32)` does.
 * Helm turns numbers into strings so: `appVersion: 1.10` is "1.1", and 1000000.0 is "1e+06".
 */
export function formatFloat(value: number): string {
  const single = Math.fround(value);
  if (Object.is(single, -0)) return '-0';
  if (single === 0) return '0';
  if (!Number.isFinite(single)) return single > 0 ? '+Inf' : '-Inf';
  let short = single.toExponential(8);
  for (let digits = 0; digits < 8; digits++) {
    const candidate = single.toExponential(digits);
    if (Math.fround(Number(candidate)) === single) {
      short = candidate;
      break;
    }
  }
  const exponent = Number(short.slice(short.indexOf('e') + 1));
  const mantissa = short.slice(0, short.indexOf('e'));
  const digits = mantissa.replace(/[-.]/g, '').length;
  if (exponent < -4 || exponent >= 6)
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${padExponent(Math.abs(exponent))}`;
  return Number(short).toFixed(Math.max(0, digits - 1 - exponent));
}

function padExponent(exponent: number): string {
  return exponent < 10 ? `0${exponent}` : String(exponent);
}
