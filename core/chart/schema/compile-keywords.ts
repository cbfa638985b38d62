import { getKey, type JsonObject } from '../../yaml/json.ts';
import { spend } from './budget.ts';
import { compileArray } from './compile-array.ts';
import { compileObject } from './compile-object.ts';
import { hasVocabulary } from './drafts.ts';
import { createAllowed } from './equality.ts';
import { SchemaBroken } from './errors.ts';
import { findFormat } from './formats.ts';
import type { SchemaLinker } from './keywords.ts';
import {
  hasAny,
  readCountKeyword,
  readListKeyword,
  readNumberKeyword,
  readTextKeyword,
  textsOf,
} from './keywords.ts';
import type { NumberKeywords, SchemaNode, TextKeywords } from './node.ts';
import { compilePattern, PatternBroken } from './pattern.ts';
import { splitFragment } from './uri.ts';

/**
 * Fills a node with the keywords that its draft has. The function follows `objcompiler.go` of
 * santhosh-tekuri/jsonschema v6.
 */
export function compileKeywords(node: SchemaNode, schema: JsonObject, linker: SchemaLinker): void {
  const reference = readTextKeyword(schema, '$ref');
  if (reference !== undefined) node.ref = linker.resolve(reference);
  if (node.version < 2019 && node.ref) {
    compileBesideReference(node, schema, linker);
    return;
  }
  if (hasVocabulary(linker.dialect, 'applicator')) compileApplicators(node, schema, linker);
  if (hasVocabulary(linker.dialect, 'validation')) compileAssertions(node, schema, linker);
  node.array = compileArray(node.version, schema, linker);
  node.object = compileObject(node.version, schema, linker);
  if (linker.assertsFormats) node.format = findFormat(readTextKeyword(schema, 'format') ?? '');
  if (node.version < 2019) return;
  if (hasVocabulary(linker.dialect, node.version === 2019 ? 'applicator' : 'unevaluated')) {
    if (getKey(schema, 'unevaluatedItems') !== undefined)
      node.unevaluatedItems = linker.subschema('unevaluatedItems');
    if (getKey(schema, 'unevaluatedProperties') !== undefined)
      node.unevaluatedProperties = linker.subschema('unevaluatedProperties');
  }
  compileDynamics(node, schema, linker);
}

/**
 * Fills a node with `$ref`, beside which drafts up to 7 ignore other keywords.
 * The exception is `const`, which the library reads with draft 6. It also compiles the subschemas of drafts 6 and 7,
 * so that faults in them are refused.
 */
function compileBesideReference(node: SchemaNode, schema: JsonObject, linker: SchemaLinker): void {
  const constant = getKey(schema, 'const');
  if (node.version < 6) return;
  if (constant !== undefined) node.constant = createAllowed([constant], 'const');
  for (const key of ['contains', 'propertyNames'])
    if (getKey(schema, key) !== undefined) linker.subschema(key);
  compileCondition(node, schema, linker);
}

function compileApplicators(node: SchemaNode, schema: JsonObject, linker: SchemaLinker): void {
  const lists = (key: string) =>
    readListKeyword(schema, key)?.map((_, index) => linker.subschema(key, index));
  node.allOf = lists('allOf');
  node.anyOf = lists('anyOf');
  node.oneOf = lists('oneOf');
  if (getKey(schema, 'not') !== undefined) node.not = linker.subschema('not');
  compileCondition(node, schema, linker);
}

function compileCondition(node: SchemaNode, schema: JsonObject, linker: SchemaLinker): void {
  const condition = getKey(schema, 'if');
  if (node.version < 7 || condition === undefined) return;
  node.condition = {
    if: linker.subschema('if'),
    met: condition !== false && getKey(schema, 'then') !== undefined ? linker.subschema('then') : undefined,
    unmet: condition !== true && getKey(schema, 'else') !== undefined ? linker.subschema('else') : undefined,
  };
}

function compileAssertions(node: SchemaNode, schema: JsonObject, linker: SchemaLinker): void {
  const type = getKey(schema, 'type');
  const types = textsOf(Array.isArray(type) ? type : [type ?? null]);
  if (types.length > 0) node.types = types;
  const allowed = readListKeyword(schema, 'enum');
  if (allowed) {
    spend(linker.budget, allowed.length);
    node.allowed = createAllowed(allowed, 'enum');
  }
  const constant = getKey(schema, 'const');
  if (node.version >= 6 && constant !== undefined) node.constant = createAllowed([constant], 'const');
  node.number = compileNumber(schema);
  node.text = compileText(schema, linker);
}

const numberKeywords = new Set(['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf']);

function compileNumber(schema: JsonObject): NumberKeywords | undefined {
  if (!hasAny(schema, numberKeywords)) return undefined;
  const minimum = readNumberKeyword(schema, 'minimum');
  const maximum = readNumberKeyword(schema, 'maximum');
  const isAbove = getKey(schema, 'exclusiveMinimum') === true;
  const isBelow = getKey(schema, 'exclusiveMaximum') === true;
  return {
    minimum: isAbove ? undefined : minimum,
    maximum: isBelow ? undefined : maximum,
    exclusiveMinimum: isAbove ? minimum : readNumberKeyword(schema, 'exclusiveMinimum'),
    exclusiveMaximum: isBelow ? maximum : readNumberKeyword(schema, 'exclusiveMaximum'),
    multipleOf: readNumberKeyword(schema, 'multipleOf'),
  };
}

function compileText(schema: JsonObject, linker: SchemaLinker): TextKeywords | undefined {
  const text = readTextKeyword(schema, 'pattern');
  const minLength = readCountKeyword(schema, 'minLength');
  const maxLength = readCountKeyword(schema, 'maxLength');
  if (text === undefined && minLength === undefined && maxLength === undefined) return undefined;
  try {
    const pattern = text === undefined ? undefined : compilePattern(text, linker.budget);
    return { minLength, maxLength, pattern };
  } catch (error) {
    if (error instanceof PatternBroken)
      throw new SchemaBroken(`Go does not compile its pattern: ${error.message}`);
    throw error;
  }
}

function compileDynamics(node: SchemaNode, schema: JsonObject, linker: SchemaLinker): void {
  const recursive = readTextKeyword(schema, '$recursiveRef');
  if (recursive !== undefined) node.recursiveRef = linker.resolve(recursive);
  node.recursiveAnchor = getKey(schema, '$recursiveAnchor') === true;
  if (node.version < 2020) return;
  node.dynamicAnchor = readTextKeyword(schema, '$dynamicAnchor') ?? '';
  const dynamic = readTextKeyword(schema, '$dynamicRef');
  if (dynamic === undefined) return;
  const fragment = splitFragment(dynamic)?.fragment ?? '';
  node.dynamicRef = { node: linker.resolve(dynamic), anchor: fragment.startsWith('/') ? '' : fragment };
}
