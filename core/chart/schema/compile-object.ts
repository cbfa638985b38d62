import { getKey, type JsonObject } from '../../yaml/json.ts';
import { hasVocabulary } from './drafts.ts';
import { SchemaBroken } from './errors.ts';
import type { SchemaLinker } from './keywords.ts';
import { hasAny, readCountKeyword, readListKeyword, readMapKeyword, textsOf } from './keywords.ts';
import type { ObjectKeywords, SchemaNode } from './node.ts';
import { compilePattern, PatternBroken } from './pattern.ts';

const objectKeywordNames = new Set([
  'properties',
  'patternProperties',
  'additionalProperties',
  'propertyNames',
  'required',
  'minProperties',
  'maxProperties',
  'dependencies',
  'dependentRequired',
  'dependentSchemas',
]);

/** Compiles the keywords about maps; undefined if a schema has none. */
export function compileObject(
  version: number,
  schema: JsonObject,
  linker: SchemaLinker,
): ObjectKeywords | undefined {
  if (!hasAny(schema, objectKeywordNames)) return undefined;
  const applies = hasVocabulary(linker.dialect, 'applicator');
  const validates = hasVocabulary(linker.dialect, 'validation');
  const node = {
    minProperties: validates ? readCountKeyword(schema, 'minProperties') : undefined,
    maxProperties: validates ? readCountKeyword(schema, 'maxProperties') : undefined,
    required: validates ? textsOf(readListKeyword(schema, 'required') ?? []) : [],
    properties: applies ? compileMap('properties', readMapKeyword(schema, 'properties'), linker) : new Map(),
    patternProperties: applies ? compilePatterns(readMapKeyword(schema, 'patternProperties'), linker) : [],
    additionalProperties: applies ? compileAdditional(schema, linker) : undefined,
    propertyNames:
      applies && version >= 6 && getKey(schema, 'propertyNames') !== undefined
        ? linker.subschema('propertyNames')
        : undefined,
    ...compileDependents(version, { applies, validates }, schema, linker),
  };
  const concernsAll =
    node.patternProperties.length > 0 || node.additionalProperties !== undefined || node.propertyNames;
  return { ...node, names: concernsAll ? undefined : [...node.properties.keys()] };
}

function compileMap(key: string, map: JsonObject | undefined, linker: SchemaLinker): Map<string, SchemaNode> {
  return new Map(Object.keys(map ?? {}).map((name) => [name, linker.subschema(key, name)]));
}

function compilePatterns(
  map: JsonObject | undefined,
  linker: SchemaLinker,
): ObjectKeywords['patternProperties'] {
  return Object.keys(map ?? {}).map((text) => {
    try {
      return {
        pattern: compilePattern(text, linker.budget),
        node: linker.subschema('patternProperties', text),
      };
    } catch (error) {
      if (error instanceof PatternBroken)
        throw new SchemaBroken(`Go does not compile its pattern: ${error.message}`);
      throw error;
    }
  });
}

function compileAdditional(schema: JsonObject, linker: SchemaLinker): boolean | SchemaNode | undefined {
  const value = getKey(schema, 'additionalProperties');
  if (value === undefined || typeof value === 'boolean') return value;
  return linker.subschema('additionalProperties');
}

/** Compiles keys that require others: `dependencies` in every draft, and its successors since 2019-09. */
function compileDependents(
  version: number,
  { applies, validates }: { applies: boolean; validates: boolean },
  schema: JsonObject,
  linker: SchemaLinker,
): Pick<ObjectKeywords, 'dependentRequired' | 'dependentSchemas'> {
  const dependentRequired: [string, string[]][] = [];
  const dependentSchemas: [string, SchemaNode][] = [];
  const read = (key: string) => Object.entries(readMapKeyword(schema, key) ?? {});
  for (const [name, value] of applies ? read('dependencies') : []) {
    if (Array.isArray(value)) dependentRequired.push([name, textsOf(value)]);
    else dependentSchemas.push([name, linker.subschema('dependencies', name)]);
  }
  for (const [name, value] of version >= 2019 && validates ? read('dependentRequired') : []) {
    if (Array.isArray(value)) dependentRequired.push([name, textsOf(value)]);
  }
  if (version >= 2019 && applies)
    dependentSchemas.push(
      ...compileMap('dependentSchemas', readMapKeyword(schema, 'dependentSchemas'), linker),
    );
  return { dependentRequired, dependentSchemas };
}
