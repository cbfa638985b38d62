import type { JsonMap } from '../../../parts/values/schema-places.ts';
import { joinPointer, valueAt } from '../../../parts/values/values-tree.ts';
import type { Draft, DraftNode } from '../draft.ts';
import { readConfigOfNode } from '../recipe-of-draft.ts';
import type { SourceFacts } from '../sources/source-facts.ts';
import { mapOrEmpty, mergeConfigs, mergeValues, passGlobals } from './merge-values.ts';

/** Values of one chart of the result, and the schema that they are checked with. */
export interface SchemaCheck {
  /** Keys of the chart's values in those of the root. */
  keys: readonly string[];
  /** Node that brings the chart. */
  node: DraftNode;
  schema: string;
  values: JsonMap;
}

/** Values that a chart is given. */
interface GivenValues {
  values: JsonMap;
  /** Tags of the charts around it; Helm reads them at the top of all values. */
  tags: JsonMap;
}

type FactsFinder = (node: DraftNode) => SourceFacts | undefined;

/**
 * Lists what Helm validates when it renders the new chart. Helm validates the values of each chart by its own schema,
 * those of charts that come along inside too. Charts that a condition or a tag switches off are left out, and so are
 * literal values.
 */
export function listSchemaChecks(draft: Draft, factsOf: FactsFinder): SchemaCheck[] {
  if (draft.values === 'literal') return [];
  const defaults = draft.values === 'replace' ? {} : computeNodeDefaults(draft.root, factsOf);
  const values = mergeValues(defaults, mergeConfigsOfSubtree(draft.root));
  return [...listNodeChecks(draft.root, [], { values, tags: {} }, factsOf)];
}

function* listNodeChecks(
  node: DraftNode,
  keys: readonly string[],
  given: GivenValues,
  factsOf: FactsFinder,
): Generator<SchemaCheck> {
  const facts = factsOf(node);
  const tags = tagsInsideChart(keys, facts, given);
  const isOn = (key: string) => isDependencyEnabled(key, facts, { values: given.values, tags });
  const inside = (facts?.schemasInside ?? []).filter(
    ({ keys: [first = ''] }) =>
      keepsOwnSubcharts(node) && isOn(first) && !node.children.some(({ name }) => name === first),
  );
  const children = node.children.filter(
    ({ name, package: source }) => isOn(name) && !(source?.independent === false && !isOn(source.chart)),
  );
  const values = [...children.map(({ name }) => [name]), ...inside.map((part) => part.keys)].reduce(
    passGlobals,
    given.values,
  );
  if (facts?.schema !== undefined) yield { keys, node, schema: facts.schema, values };
  for (const part of inside) {
    const section = mapOrEmpty(valueAt(values, part.keys.reduce(joinPointer, '')));
    yield { keys: [...keys, ...part.keys], node, schema: part.schema, values: section };
  }
  for (const child of children)
    yield* listNodeChecks(
      child,
      [...keys, child.name],
      { values: mapOrEmpty(values[child.name]), tags },
      factsOf,
    );
}

/** Returns the tags that decide inside a chart: those of the root, over the defaults of charts on the way. */
function tagsInsideChart(
  keys: readonly string[],
  facts: SourceFacts | undefined,
  { values, tags }: GivenValues,
): JsonMap {
  if (keys.length === 0) return mapOrEmpty(values.tags);
  return mergeValues(mapOrEmpty(facts?.values.tags), tags);
}

/**
 * Tells whether a dependency is on. The first path of its condition with a boolean decides; without one it is off where
 * a tag is false and none is true.
 */
function isDependencyEnabled(
  key: string,
  facts: SourceFacts | undefined,
  { values, tags }: GivenValues,
): boolean {
  const entry = facts?.dependencies.find(({ name, alias }) => (alias ?? name) === key);
  const found = (entry?.condition ?? '')
    .split(',')
    .map((path) => valueAt(values, path.trim().split('.').reduce(joinPointer, '')))
    .find((value) => typeof value === 'boolean');
  if (typeof found === 'boolean') return found;
  const flags = (entry?.tags ?? []).map((tag) => tags[tag]);
  return flags.includes(true) || !flags.includes(false);
}

/** Computes the defaults of a node: those of its source, over them of its children where both say something. */
function computeNodeDefaults(node: DraftNode, factsOf: FactsFinder): JsonMap {
  const facts = factsOf(node);
  const own = facts ? (keepsOwnSubcharts(node) ? facts.values : withoutInside(facts)) : {};
  const sections = node.children.map((child) => {
    const taken =
      child.package?.independent === false ? valuesKeyOfInsideChart(facts, child.package.chart) : child.name;
    return [
      child.name,
      mergeValues(computeNodeDefaults(child, factsOf), mapOrEmpty(own[taken] ?? own[child.name])),
    ];
  });
  return { ...own, ...Object.fromEntries(sections) };
}

function valuesKeyOfInsideChart(facts: SourceFacts | undefined, name: string): string {
  return facts?.inside.find((chart) => chart.name === name)?.keys[0] ?? name;
}

/** Returns the values of a chart without what charts inside add to them. */
function withoutInside({ values, ownValues, inside }: SourceFacts): JsonMap {
  const dropped = new Set(inside.flatMap(({ keys }) => keys));
  return Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) => {
      if (!dropped.has(key)) return [[key, value]];
      return Object.hasOwn(ownValues, key) ? [[key, ownValues[key]]] : [];
    }),
  );
}

function mergeConfigsOfSubtree(node: DraftNode): JsonMap {
  const read = readConfigOfNode(node);
  const own = 'value' in read ? mapOrEmpty(read.value) : {};
  const below = Object.fromEntries(
    node.children.flatMap((child) => {
      const config = mergeConfigsOfSubtree(child);
      return Object.keys(config).length === 0 ? [] : [[child.name, config]];
    }),
  );
  // The registry composes so: a node's own configuration wins over what a node above says for it.
  return mergeConfigs(own, below);
}

function keepsOwnSubcharts({ package: source }: DraftNode): boolean {
  return source !== undefined && source.subcharts !== 'drop';
}
