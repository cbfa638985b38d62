import type { Json } from './json.ts';
import { formatFloat, resolveScalar, type Scalar } from './yaml-scalar.ts';

/** What is wrong, and the offset in the text where it was seen. */
export class YamlProblem extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.name = 'YamlProblem';
    this.offset = offset;
  }
}

/**
 * Gives a scalar its value by its tag, or by its spelling where it is plain and has none.
 *
 * @throws YamlProblem
 */
export function readScalar(source: string, tag: string, plain: boolean, position: number): Scalar {
  if (tag === '') return plain ? resolvePlain(source, position) : { kind: 'string', value: source };
  if (tag === '!!null') return { kind: 'null' };
  if (tag === '!!binary') {
    const bytes = Buffer.from(source, 'base64');
    const given = source.replace(/[\r\n]/g, '');
    if (bytes.toString('base64') !== given) throw new YamlProblem('a !!binary value is not base64', position);
    return { kind: 'string', value: bytes.toString('utf8') };
  }
  if (tag !== '!!int' && tag !== '!!float' && tag !== '!!bool') return { kind: 'string', value: source };
  const scalar = resolvePlain(source, position);
  const wanted = tag === '!!bool' ? 'bool' : 'number';
  if (scalar.kind !== wanted || (tag === '!!int' && !/^-?[0-9]+$/.test(scalar.text))) {
    throw new YamlProblem(`"${source.slice(0, 40)}" is no ${tag.slice(2)}`, position);
  }
  return scalar;
}

function resolvePlain(source: string, position: number): Scalar {
  const scalar = resolveScalar(source);
  if (!scalar) throw new YamlProblem(`${source} cannot be expressed in JSON`, position);
  return scalar;
}

/** The scalar as data. */
export function dataOf(scalar: Scalar): Json {
  return scalar.kind === 'null' ? null : scalar.value;
}

/** The scalar where Helm wants a string, as it does of keys. */
export function textOf(scalar: Scalar): Json {
  return scalar.kind === 'number' || scalar.kind === 'bool' ? scalar.text : dataOf(scalar);
}

/** A scalar that is already data as the string that it is as a key. */
export function scalarKey(value: Json): Json {
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : formatFloat(value);
  return typeof value === 'boolean' ? String(value) : value;
}

/** `!!int` for what may also be written `!<tag:yaml.org,2002:int>`. */
export function shortTag(tag: string): string {
  return tag.startsWith('!<tag:yaml.org,2002:') ? `!!${tag.slice(20, -1)}` : tag;
}
