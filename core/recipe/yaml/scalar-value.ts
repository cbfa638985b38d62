import { isScalar, type Scalar } from 'yaml';
import type { Json } from '../../yaml/json.ts';
import { type Scalar as HelmScalar, resolveScalar } from '../../yaml/parse/scalar.ts';

/** Value of a scalar in JSON, or the reason why it has none that Helm agrees on. */
export type ScalarValue = { value: Json } | { fault: string };

/**
 * Computes the value of a scalar.
 * YAML 1.2 reads some words in another way than Helm, which would read the same line in a values.yaml: `yes`, `0644`,
 * `1_000`. No choice between the two is safe, so they are refused without quotes.
 */
export function scalarValue({ value, source = '', type, tag }: Scalar): ScalarValue {
  if (typeof value === 'string' && (type !== 'PLAIN' || tag !== undefined)) return { value };
  if (typeof value === 'number' && !Number.isFinite(value))
    return { fault: `is ${source}, which JSON does not have. Write a number, or a text in quotes` };
  if (value !== null && typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
    return { fault: 'is not a value that JSON has. Write a text in quotes' };
  if (tag !== undefined) return { value };
  const helm = resolveScalar(source);
  return helmScalarToJson(helm) === value ? { value } : { fault: explainAmbiguous(source, helm, value) };
}

/** Tells whether a key merges maps into its own map. In quotes it is a key like any other. */
export function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.type === 'PLAIN' && key.source === '<<';
}

/**
 * Computes the name of a key. The name is the key's text, where Helm writes the key so too. Keys of JSON are texts,
 * and Helm turns a number or a boolean into one.
 */
export function keyName(key: Scalar): { name: string } | { fault: string } {
  const { value, source = '', type, tag } = key;
  if (typeof value === 'string' && (type !== 'PLAIN' || tag !== undefined)) return { name: value };
  const helm = resolveScalar(source);
  if (tag === undefined && helm.kind === 'string' && value === source) return { name: source };
  const isSame = helm.kind !== 'null' && helm.kind !== 'string' && helm.text === source && value !== null;
  if (tag === undefined && isSame && typeof value !== 'string') return { name: source };
  const shown = source === '' ? 'empty' : `\`${source.slice(0, 60)}\``;
  return { fault: `has a key that is ${shown} and no text. Write it in quotes` };
}

/** Pointers of the maps in which a recipe and a recomposition have the key `on`. */
const pointersWithOnKey: ReadonlySet<string> = new Set(['/save/follow', '/changes/save/follow']);

/**
 * Tells whether a key is the `on` of `save.follow`. It means itself there, although Helm would read it as true: no
 * values.yaml gets it.
 */
export function isFollowKey({ source, type, tag }: Scalar, pointer: string): boolean {
  return source === 'on' && type === 'PLAIN' && tag === undefined && pointersWithOnKey.has(pointer);
}

function helmScalarToJson(helm: HelmScalar): Json | undefined {
  if (helm.kind === 'null') return null;
  return helm.kind === 'special' ? undefined : helm.value;
}

function explainAmbiguous(source: string, helm: HelmScalar, value: Json): string {
  const shown = source.slice(0, 60);
  const meaning = helmScalarToJson(helm);
  const ours = typeof value === 'string' ? 'a text' : String(value);
  const theirs = typeof meaning === 'string' ? 'a text' : String(meaning);
  const plain = typeof meaning === 'string' ? '' : `${theirs}, or `;
  return `is \`${shown}\`, which YAML 1.2 reads as ${ours} and Helm as ${theirs}. Write ${plain}"${shown}" in quotes`;
}
