import { findSchemaFacts, type KeyFacts } from './find-schema-facts.ts';
import { isMap } from './schema-places.ts';
import { joinPointer } from './values-tree.ts';

/** Key that a schema describes. */
export interface SchemaKey {
  /** Path as people write it; `hosts[].name` is a key of each item. */
  path: string;
  facts: KeyFacts;
}

/** Largest number of keys that are listed, and their largest depth. */
const maxKeys = 1_000;
const maxDepth = 8;

/** Lists the keys that a schema describes, in its order. Undefined stands for a schema that is not JSON. */
export function listSchemaKeys(text: string): SchemaKey[] | undefined {
  const schema = parse(text);
  if (schema === undefined) return undefined;
  const keys: SchemaKey[] = [];
  const visit = (node: unknown, pointer: string, path: string, depth: number) => {
    if (!isMap(node) || depth > maxDepth) return;
    for (const [name, child] of Object.entries(isMap(node.properties) ? node.properties : {})) {
      if (keys.length >= maxKeys) return;
      const own = joinPointer(pointer, name);
      const ownPath = path === '' ? name : `${path}.${name}`;
      const facts = findSchemaFacts(schema, own);
      if (facts) keys.push({ path: ownPath, facts });
      visit(child, own, ownPath, depth + 1);
      if (isMap(child)) visit(child.items, joinPointer(own, '0'), `${ownPath}[]`, depth + 1);
    }
  };
  visit(schema, '', '', 1);
  return keys;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
