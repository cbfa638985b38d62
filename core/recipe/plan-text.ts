import type { JsonObject } from '../yaml/json.ts';
import type { Plan, PlannedNode } from './plan.ts';
import type { Configuration } from './recipe.ts';

/**
 * Writes a plan as JSON. The result is that of `JSON.stringify` on a plan of data. Configurations that are texts are
 * copied unread.
 */
export function writePlan({ root, ...rest }: Plan<Configuration>): string {
  return `${JSON.stringify(rest).slice(0, -1)},"root":${writeNode(root)}}`;
}

/** Writes a planned node and all nodes below it as JSON. */
export function writeNode({ config, children, ...rest }: PlannedNode<Configuration>): string {
  const parts = [JSON.stringify(rest).slice(0, -1)];
  if (config !== undefined)
    parts.push(`"config":${typeof config === 'string' ? config : JSON.stringify(config)}`);
  const below = children.map(
    ({ name, node }) => `{"name":${JSON.stringify(name)},"node":${writeNode(node)}}`,
  );
  return `${parts.join()},"children":[${below.join()}]}`;
}

/** Checks whether all configurations of a plan are data. This thread can compose such a plan. */
export function isPlanParsed(plan: Plan<Configuration>): plan is Plan<JsonObject> {
  return isData(plan.root);
}

function isData({ config, children }: PlannedNode<Configuration>): boolean {
  return typeof config !== 'string' && children.every(({ node }) => isData(node));
}

/** Turns the configurations of a plan into texts. */
export function toPlanOfTexts(plan: Plan): Plan<string> {
  return { ...plan, root: toNodeOfTexts(plan.root) };
}

function toNodeOfTexts({ config, children, ...rest }: PlannedNode): PlannedNode<string> {
  return {
    ...rest,
    ...(config ? { config: JSON.stringify(config) } : {}),
    children: children.map(({ name, node }) => ({ name, node: toNodeOfTexts(node) })),
  };
}
