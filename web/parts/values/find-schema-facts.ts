import { findKeySchemas, type JsonMap } from './schema-places.ts';
import { splitPointer } from './values-tree.ts';

/** Facts that a schema states about a key. */
export interface KeyFacts {
  type?: string;
  title?: string;
  description?: string;
  default?: unknown;
  choices?: readonly unknown[];
  /** Bounds in words: `at least 1`, `matches ^a`. */
  bounds: readonly string[];
  required: boolean;
  deprecated: boolean;
}

/** Finds what a values.schema.json states about a key; undefined where it says nothing. */
export function findSchemaFacts(schema: unknown, pointer: string): KeyFacts | undefined {
  const last = splitPointer(pointer).at(-1);
  if (last === undefined) return undefined;
  const { places, parents } = findKeySchemas(schema, pointer);
  const required = parents.some((parent) => Array.isArray(parent.required) && parent.required.includes(last));
  return places.length > 0 ? combineFacts(places, required) : undefined;
}

function combineFacts(nodes: readonly JsonMap[], required: boolean): KeyFacts {
  const first = (name: string) => nodes.find((node) => node[name] !== undefined)?.[name];
  const text = (name: string) =>
    nodes.flatMap((node) => (typeof node[name] === 'string' ? [node[name]] : []))[0];
  const types = [
    ...new Set(nodes.flatMap((node) => [node.type].flat()).filter((type) => typeof type === 'string')),
  ];
  const choices = nodes.flatMap((node) =>
    'const' in node ? [node.const] : Array.isArray(node.enum) ? node.enum : [],
  );
  const title = text('title');
  const description = text('description');
  const value = first('default');
  return {
    bounds: nodes.flatMap(boundsOf),
    required,
    deprecated: first('deprecated') === true,
    ...(types.length > 0 && { type: types.join(' or ') }),
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    ...(value !== undefined && { default: value }),
    ...(choices.length > 0 && { choices }),
  };
}

const boundWords: Readonly<Record<string, string>> = {
  minimum: 'at least',
  maximum: 'at most',
  exclusiveMinimum: 'more than',
  exclusiveMaximum: 'less than',
  minLength: 'length at least',
  maxLength: 'length at most',
  minItems: 'items at least',
  maxItems: 'items at most',
  multipleOf: 'multiple of',
  pattern: 'matches',
  format: 'format',
};

function boundsOf(node: JsonMap): string[] {
  return Object.entries(boundWords).flatMap(([name, words]) => {
    const bound = node[name];
    return typeof bound === 'number' || typeof bound === 'string' ? [`${words} ${bound}`] : [];
  });
}
