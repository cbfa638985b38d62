import { type Document, isAlias, isMap, parseDocument, Scalar, YAMLMap } from 'yaml';
import { CommandError, usageError } from '../command-error.ts';
import { exitCodes } from '../exit-codes.ts';
import type { SetValue } from './parse-set.ts';

/**
 * Sets values in the configuration of a recipe's root. The rest of the text keeps its meaning. Scalars are read as
 * texts and written as they stood, so that the registry alone decides what they are.
 * @throws {CommandError} for a text that is not YAML, and for a place that cannot have keys
 */
export function setInRecipe(text: string, values: readonly SetValue[]): string {
  if (values.length === 0) return text;
  const document = parseDocument(text, { schema: 'failsafe' });
  const [error] = document.errors;
  if (error) throw notYamlError(error.message);
  if (!isMap(document.contents)) throw new CommandError('the recipe is not a map with `save` and `configs`');
  for (const { path, value } of values) {
    const keys = ['configs', '_config', ...path];
    const map = keys
      .slice(0, -1)
      .reduce<YAMLMap>((inner, key) => findOrCreateMap(document, inner, key), document.contents);
    map.set(keys.at(-1), makeScalar(value));
  }
  try {
    return document.toString({ lineWidth: 0 });
  } catch (error) {
    // Aliases are resolved only now.
    throw notYamlError(error instanceof Error ? error.message : '', error);
  }
}

function notYamlError(reason: string, cause?: unknown): CommandError {
  return new CommandError(`the recipe is not YAML: ${reason.split('\n')[0]}`, exitCodes.failed, cause);
}

/** Returns the map below a key, and makes one in place of a scalar or of nothing. */
function findOrCreateMap(document: Document, map: YAMLMap, key: string): YAMLMap {
  const found: unknown = map.get(key, true);
  if (isMap(found)) return found;
  if (isAlias(found))
    throw usageError(`--set: ${key} is an alias in the recipe; what it stands for would change everywhere`);
  const made = new YAMLMap(document.schema);
  map.set(key, made);
  return made;
}

function makeScalar(value: SetValue['value']): Scalar {
  // Texts are quoted, so that none looks like something else; the others are plain words.
  const scalar = new Scalar(String(value));
  scalar.type = typeof value === 'string' ? 'QUOTE_DOUBLE' : 'PLAIN';
  return scalar;
}
