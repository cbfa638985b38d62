import type { SchemaKey } from '../../parts/values/list-schema-keys.ts';
import { listSchemaKeys } from '../../parts/values/list-schema-keys.ts';
import type { DraftNode } from './draft.ts';
import type { SchemaAndDefaults } from './known-keys.ts';
import type { SourceFacts } from './sources/source-facts.ts';

/** Picks the schema and defaults of a source, for completion. */
export function toSchemaAndDefaults(facts: SourceFacts, node: DraftNode): SchemaAndDefaults {
  return {
    schema: parse(facts.schema),
    values: facts.values,
    inside: schemasOfInsideCharts(facts, node).map(({ keys, schema }) => ({ keys, schema: parse(schema) })),
  };
}

/** Lists the keys of a source's schema. Those of the charts that it brings are below their names. */
export function toSchemaKeys(facts: SourceFacts, node: DraftNode): SchemaKey[] {
  const own = facts.schema === undefined ? [] : (listSchemaKeys(facts.schema) ?? []);
  const inside = schemasOfInsideCharts(facts, node).flatMap(({ keys, schema }) =>
    (listSchemaKeys(schema) ?? []).map((key) => ({ ...key, path: [...keys, key.path].join('.') })),
  );
  return [...own, ...inside];
}

function schemasOfInsideCharts({ schemasInside }: SourceFacts, node: DraftNode) {
  const taken = new Set(node.children.map(({ name }) => name));
  return node.package?.subcharts === 'drop'
    ? []
    : schemasInside.filter(({ keys: [first = ''] }) => !taken.has(first));
}

function parse(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
