import { usageError } from '../command-error.ts';

/** Value that `--set` gives to a key. */
export interface SetValue {
  /** Keys from the outermost to the innermost. */
  path: string[];
  value: string | number | boolean | null;
}

/**
 * Parses `KEY.KEY=VALUE`. As with Helm, true, false, null and whole numbers are such, and everything else is a text; a dot
 * in a key is written `\.`. Unlike there, a comma is part of the value.
 * @param isText whether the value is a text whatever it looks like
 * @throws {CommandError} for what is not such a pair
 */
export function parseSet(pair: string, isText = false): SetValue {
  const equals = pair.indexOf('=');
  const keys = equals < 0 ? pair : pair.slice(0, equals);
  const path = keys.split(/(?<!\\)\./).map((key) => key.replaceAll('\\.', '.'));
  if (equals < 0 || path.includes(''))
    throw usageError(`--set ${pair}: expected KEY=VALUE, where a dot leads to an inner key`);
  if (/\[\d+\]$/.test(keys))
    throw usageError(`--set ${pair}: an entry of a list cannot be set; write the list into the recipe`);
  const text = pair.slice(equals + 1);
  return { path, value: isText ? text : toScalar(text) };
}

/** Makes an object of the values, as a recipe's `_config` has them. @throws {CommandError} where two contradict */
export function toRecipeConfig(values: readonly SetValue[]): Record<string, unknown> {
  const config: Record<string, unknown> = {};
  for (const { path, value } of values) {
    const inner = path.slice(0, -1).reduce((object, key) => {
      const next = Object.hasOwn(object, key) ? object[key] : undefined;
      const child = isMap(next) ? next : {};
      defineKey(object, key, child);
      return child;
    }, config);
    defineKey(inner, path.at(-1) ?? '', value);
  }
  return config;
}

/** Sets a key, also one that has a meaning for JavaScript. */
function defineKey(object: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function toScalar(text: string): SetValue['value'] {
  if (text === 'true' || text === 'false') return text === 'true';
  if (text === 'null') return null;
  const isNumber = /^(?:0|-?[1-9]\d*)$/.test(text) && Number.isSafeInteger(Number(text));
  return isNumber ? Number(text) : text;
}
