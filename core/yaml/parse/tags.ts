import { isUtf8 } from 'node:buffer';
import type { Json } from '../json.ts';
import { YamlProblem } from '../yaml-source.ts';
import type { ScalarEvent } from './events.ts';
import { formatFloat, resolveScalar, type Scalar } from './scalar.ts';

const standardTagPrefix = 'tag:yaml.org,2002:';

/**
 * Resolves a scalar by its tag. A plain one without a tag is resolved by its spelling. The rules are those of
 * `resolve` in go.yaml.in/yaml/v2.
 *
 * @throws YamlProblem where the tag and the spelling disagree
 */
export function resolveTaggedScalar({ value, tag, implicit }: ScalarEvent, position: number): Scalar {
  if (tag === '') return implicit ? resolveScalar(value) : { kind: 'string', value };
  if (!tag.startsWith(standardTagPrefix)) return { kind: 'string', value };
  const name = tag.slice(standardTagPrefix.length);
  if (name === 'binary') return { kind: 'string', value: decodeBinary(value, position) };
  if (!tagsCheckedBySpelling.has(name)) return { kind: 'string', value };
  const scalar = resolveScalar(value);
  const typed = convertToTag(scalar, name, value);
  if (typed) return typed;
  throw new YamlProblem(`${JSON.stringify(value.slice(0, 40))} is no !!${name}`, position);
}

/** Tags that the spelling has to agree with; a scalar with another tag is a string. */
const tagsCheckedBySpelling = new Set(['bool', 'int', 'float', 'null', 'timestamp']);

function convertToTag(scalar: Scalar, name: string, value: string): Scalar | undefined {
  if (scalar.kind === 'null') return name === 'null' ? scalar : undefined;
  if (scalar.kind === 'bool') return name === 'bool' ? scalar : undefined;
  if (scalar.kind === 'special') return name === 'float' ? scalar : undefined;
  if (scalar.kind === 'float') return name === 'float' ? scalar : undefined;
  if (scalar.kind === 'int') {
    if (name === 'int') return scalar;
    // Go converts an integer of at most 63 bits to a float.
    if (name !== 'float' || scalar.unsigned) return undefined;
    return { kind: 'float', value: scalar.value, text: formatFloat(scalar.value) };
  }
  return name === 'timestamp' && isTimestamp(value) ? scalar : undefined;
}

function decodeBinary(value: string, position: number): string {
  const base64 = value.replace(/[\r\n]/g, '');
  const body = base64.endsWith('==')
    ? base64.slice(0, -2)
    : base64.endsWith('=')
      ? base64.slice(0, -1)
      : base64;
  // A single regular expression for the whole text would overflow the stack on a long one.
  if (base64.length % 4 !== 0 || /[^A-Za-z0-9+/]/.test(body))
    throw new YamlProblem('a !!binary value is not base64', position);
  const bytes = Buffer.from(base64, 'base64');
  return isUtf8(bytes) ? bytes.toString('utf8') : decodeUtf8Leniently(bytes);
}

/** Decodes UTF-8 as Go's JSON does: each byte that is not part of a character becomes U+FFFD. */
function decodeUtf8Leniently(bytes: Buffer): string {
  let text = '';
  for (let index = 0; index < bytes.length; ) {
    const first = bytes[index] ?? 0;
    const width = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    const part = bytes.subarray(index, index + width);
    const valid = part.length === width && isUtf8(part);
    text += valid ? part.toString('utf8') : '\uFFFD';
    index += valid ? width : 1;
  }
  return text;
}

const timestampPattern =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?(?:Z|[-+](\d\d):(\d\d)))|(?: (\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?))?$/;

function isTimestamp(value: string): boolean {
  const parts = timestampPattern.exec(value)?.slice(1).map(Number);
  if (!parts) return false;
  const [year = 0, month = 0, day = 0] = parts;
  const [hour, minute, second] = parts.slice(Number.isNaN(parts[3]) ? 8 : 3);
  const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
  if (month < 1 || month > 12 || day < 1 || day > last) return false;
  const below = (part: number | undefined, maxPart: number): boolean => !part || part < maxPart;
  return (
    below(hour, 24) && below(minute, 60) && below(second, 60) && below(parts[6], 25) && below(parts[7], 60)
  );
}

/** Returns a scalar as data. NaN and infinities become null; callers refuse them, because JSON does not have them. */
export function dataOfScalar(scalar: Scalar): Json {
  return scalar.kind === 'null' || scalar.kind === 'special' ? null : scalar.value;
}

/** Returns a scalar as Helm reads it in a field of strings. Null stays null. */
export function textOfScalar(scalar: Scalar): Json {
  return scalar.kind === 'string' || scalar.kind === 'null' ? dataOfScalar(scalar) : scalar.text;
}

/** Returns a scalar as a map's key; undefined where Helm refuses it (`convertToJSONableObject` of sigs.k8s.io/yaml). */
export function mapKeyOf(scalar: Scalar): string | undefined {
  if (scalar.kind === 'string') return scalar.value;
  if (scalar.kind === 'null' || (scalar.kind === 'int' && scalar.unsigned)) return undefined;
  if (scalar.kind !== 'float' && scalar.kind !== 'special') return scalar.text;
  return scalar.text === '+Inf' ? '.inf' : scalar.text === '-Inf' ? '-.inf' : scalar.text;
}
