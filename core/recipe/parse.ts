import { isChartName } from '../chart/names.ts';
import { isStrictVersion } from '../semver/version.ts';
import type { JsonObject } from '../yaml/json.ts';
import { checkBody } from './check-body.ts';
import {
  expectBoolean,
  expectKnownKeys,
  expectMatch,
  expectObject,
  expectString,
  invalidRecipe,
  isAbsent,
  type Located,
  locateKey,
} from './expect.ts';
import { ignoredSaveKeys } from './ignored-keys.ts';
import { checkSections } from './parse-config.ts';
import { parseFollow } from './parse-follow.ts';
import { parseFrom } from './parse-from.ts';
import { metadataKeys, parseMetadata } from './parse-metadata.ts';
import { parseRoot } from './parse-node.ts';
import type { Recipe, ValuesMode } from './recipe.ts';

/** Values that a request fixes besides its body: the path's space and the server's mode. */
export interface RecipeDefaults {
  space: string;
  /** Mode of a recipe without `save.values`. */
  values: ValuesMode;
}

const saveKeys = ['chart', 'version', 'description', 'values', 'replace', 'follow', 'from', ...metadataKeys];

/**
 * Parses the JSON of a recipe into a typed tree.
 * Unknown keys are refused: each may be a typing error of a key that would have changed the result.
 *
 * @throws {RegistryError} `recipe.invalid`, or `request.tooDeep` beyond the limits of nesting; `details.pointer` is
 *   the RFC 6901 JSON pointer of the key at fault, also if the key is missing.
 */
export function parseRecipe(body: unknown, defaults: RecipeDefaults): Recipe {
  checkBody(body);
  const top = expectObject({ value: body, pointer: '' }, 'with `save` and `configs`');
  expectKnownKeys(top, '', ['save', 'configs', 'callback']);
  const save = expectObject(
    locateKey(top, '', 'save'),
    'with `chart` and `version`, the name of the new chart',
  );
  expectKnownKeys(save, '/save', saveKeys, ignoredSaveKeys);
  const replace = parseReplace(locateKey(save, '/save', 'replace'));
  const target = { space: defaults.space, ...parseTarget(save), replace };
  const description = parseDescription(locateKey(save, '/save', 'description'));
  const values = parseValues(locateKey(save, '/save', 'values'), defaults.values);
  const callback = parseCallback(locateKey(top, '', 'callback'));
  const root = parseRoot(locateKey(top, '', 'configs'), target);
  const metadata = parseMetadata(save, '/save', root.package !== undefined);
  const follow = parseFollow(locateKey(save, '/save', 'follow'), root.package !== undefined);
  const from = parseFrom(locateKey(save, '/save', 'from'), root);
  if (values !== 'literal') checkSections(root);
  return {
    chart: target.chart,
    version: target.version,
    ...(description === undefined ? {} : { description }),
    ...(metadata ? { metadata } : {}),
    values,
    ...(replace ? { replace } : {}),
    ...(follow ? { follow } : {}),
    ...(from ? { from } : {}),
    ...(callback ? { callback } : {}),
    root,
  };
}

function parseTarget(save: JsonObject): { chart: string; version: string } {
  return {
    chart: expectMatch(
      locateKey(save, '/save', 'chart'),
      'a chart name (letters, digits, "-", "_" and ".", a letter or digit first)',
      isChartName,
    ),
    version: expectMatch(
      locateKey(save, '/save', 'version'),
      'a SemVer 2 version such as 1.2.3 or 1.2.3-rc.1',
      isStrictVersion,
    ),
  };
}

function parseDescription(located: Located): string | undefined {
  return isAbsent(located.value) ? undefined : expectString(located, "the new chart's description");
}

function parseReplace(located: Located): boolean {
  return !isAbsent(located.value) && expectBoolean(located, 'whether an existing version may be replaced');
}

const valuesModes: ReadonlySet<string> = new Set<ValuesMode>(['merge', 'replace', 'literal']);

function isValuesMode(text: string): text is ValuesMode {
  return valuesModes.has(text);
}

function parseValues(located: Located, defaultMode: ValuesMode): ValuesMode {
  if (isAbsent(located.value)) return defaultMode;
  const text = expectString(located, '"merge", "replace" or "literal"');
  if (isValuesMode(text)) return text;
  throw invalidRecipe(located.pointer, 'must be "merge", "replace" or "literal"');
}

/**
 * Parses `callback` by types alone; the webhooks' room checks the address and the secret.
 * @throws {RegistryError} `recipe.invalid`
 */
export function parseCallback(located: Located): Recipe['callback'] {
  if (isAbsent(located.value)) return undefined;
  const callback = expectObject(located, 'with a `url`');
  expectKnownKeys(callback, located.pointer, ['url', 'secret']);
  const url = expectString(locateKey(callback, located.pointer, 'url'), 'an http or https URL');
  const secret = locateKey(callback, located.pointer, 'secret');
  if (isAbsent(secret.value)) return { url };
  return { url, secret: expectString(secret, 'a secret to sign with') };
}
