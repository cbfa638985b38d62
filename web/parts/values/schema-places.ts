import { findPatternSchemas } from './schema-patterns.ts';
import { splitPointer } from './values-tree.ts';

/** Map of a JSON document. */
export type JsonMap = Readonly<Record<string, unknown>>;

/** Largest number of references, branches and patterns that are tried for one key. */
const maxSteps = 200;

/** Tells whether a value is a map. */
export function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Finds the schemas inside a values.schema.json that speak of a key, through references and branches.
 * @returns also those of the map or list around it
 */
export function findKeySchemas(
  schema: unknown,
  pointer: string,
): { places: readonly JsonMap[]; parents: readonly JsonMap[] } {
  const budget = { steps: maxSteps };
  let parents: readonly JsonMap[] = [];
  let places: readonly JsonMap[] = expandSchema(schema, schema, budget);
  for (const part of splitPointer(pointer)) {
    parents = places;
    places = stepIntoChildSchemas(parents, part, schema, budget);
  }
  return { places, parents };
}

function stepIntoChildSchemas(
  nodes: readonly JsonMap[],
  part: string,
  root: unknown,
  budget: { steps: number },
): JsonMap[] {
  return nodes.flatMap((node) =>
    childSchemasOf(node, part, budget).flatMap((child) => expandSchema(child, root, budget)),
  );
}

function childSchemasOf(node: JsonMap, part: string, budget: { steps: number }): readonly unknown[] {
  if (isMap(node.properties) && Object.hasOwn(node.properties, part)) return [node.properties[part]];
  const found = isMap(node.patternProperties) ? findPatternSchemas(node.patternProperties, part, budget) : [];
  if (found.length > 0) return found;
  if (/^\d+$/.test(part) && node.items !== undefined) return [node.items];
  return [node.additionalProperties];
}

/** Lists a schema and those that it refers to or combines, as far as the budget goes. */
function expandSchema(schema: unknown, root: unknown, budget: { steps: number }): JsonMap[] {
  if (!isMap(schema) || budget.steps-- <= 0) return [];
  const branches = [schema.allOf, schema.anyOf, schema.oneOf].flatMap((list) =>
    Array.isArray(list) ? list : [],
  );
  const referred = typeof schema.$ref === 'string' ? [followReference(schema.$ref, root)] : [];
  return [schema, ...[...referred, ...branches].flatMap((other) => expandSchema(other, root, budget))];
}

// References to other documents are not followed: nothing is fetched for a schema.
function followReference(reference: string, root: unknown): unknown {
  if (!reference.startsWith('#/')) return undefined;
  return splitPointer(reference.slice(1)).reduce<unknown>((node, part) => {
    if (Array.isArray(node)) return node[Number(part)];
    return isMap(node) && Object.hasOwn(node, part) ? node[part] : undefined;
  }, root);
}
