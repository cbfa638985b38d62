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

/** Map of a JSON document. */
export type JsonMap = Readonly<Record<string, unknown>>;

/** Largest number of references and branches that are followed for one key. */
const maxSteps = 200;

/** Tells whether a value is a map. */
export function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Finds what a values.schema.json states about a key; undefined where it says nothing. */
export function describeKey(schema: unknown, pointer: string): KeyFacts | undefined {
  const budget = { steps: maxSteps };
  const parts = splitPointer(pointer);
  const parents = parts
    .slice(0, -1)
    .reduce((found, part) => stepInto(found, part, schema, budget), spread(schema, schema, budget));
  const last = parts.at(-1);
  if (last === undefined) return undefined;
  const own = stepInto(parents, last, schema, budget);
  const required = parents.some((parent) => Array.isArray(parent.required) && parent.required.includes(last));
  return own.length > 0 ? combine(own, required) : undefined;
}

function stepInto(
  nodes: readonly JsonMap[],
  part: string,
  root: unknown,
  budget: { steps: number },
): JsonMap[] {
  return nodes.flatMap((node) => childrenOf(node, part).flatMap((child) => spread(child, root, budget)));
}

function childrenOf(node: JsonMap, part: string): unknown[] {
  if (isMap(node.properties) && Object.hasOwn(node.properties, part)) return [node.properties[part]];
  const patterns = isMap(node.patternProperties) ? Object.entries(node.patternProperties) : [];
  const found = patterns.filter(([pattern]) => matches(pattern, part)).map(([, child]) => child);
  if (found.length > 0) return found;
  if (/^\d+$/.test(part) && node.items !== undefined) return [node.items];
  return [node.additionalProperties];
}

/** Lists a schema and those that it refers to or combines, as far as the budget goes. */
function spread(schema: unknown, root: unknown, budget: { steps: number }): JsonMap[] {
  if (!isMap(schema) || budget.steps-- <= 0) return [];
  const branches = [schema.allOf, schema.anyOf, schema.oneOf].flatMap((list) =>
    Array.isArray(list) ? list : [],
  );
  const referred = typeof schema.$ref === 'string' ? [followReference(schema.$ref, root)] : [];
  return [schema, ...[...referred, ...branches].flatMap((other) => spread(other, root, budget))];
}

// References to other documents are not followed: nothing is fetched for a schema.
function followReference(reference: string, root: unknown): unknown {
  if (!reference.startsWith('#/')) return undefined;
  return splitPointer(reference.slice(1)).reduce<unknown>((node, part) => {
    if (Array.isArray(node)) return node[Number(part)];
    return isMap(node) && Object.hasOwn(node, part) ? node[part] : undefined;
  }, root);
}

function combine(nodes: readonly JsonMap[], required: boolean): KeyFacts {
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

// Patterns run on short names only, so that none takes long.
function matches(pattern: string, name: string): boolean {
  try {
    return name.length <= 64 && new RegExp(pattern, 'u').test(name);
  } catch {
    return false;
  }
}
