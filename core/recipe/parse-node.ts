import { isChartName } from '../chart/names.ts';
import { RegistryError } from '../errors.ts';
import { findNearestName } from '../runtime/nearest-name.ts';
import { isObject } from '../yaml/json.ts';
import {
  expectObject,
  invalidKey,
  invalidRecipe,
  isAbsent,
  type Located,
  locateKey,
  quoteClientText,
} from './expect.ts';
import { parseConfig } from './parse-config.ts';
import { type ComposedTarget, parsePackage } from './parse-package.ts';
import { type RecipeNode, recipeLimits } from './recipe.ts';

/**
 * Parses `configs` and all nodes below it.
 * @throws {RegistryError} as `parseRecipe` does.
 */
export function parseRoot(located: Located, target: ComposedTarget): RecipeNode {
  const root = parseNode(located, [target.chart], { target, nodes: 0 });
  if (!root.package || root.package.independent) return root;
  throw invalidRecipe(
    `${root.pointer}/package/independent`,
    'must be true: the root has no parent whose archive could contain it. Name a chart that is in the registry',
  );
}

interface Walk {
  target: ComposedTarget;
  /** Number of nodes so far. */
  nodes: number;
}

/**
 * Parses a node and its children.
 * @param names the ancestors' names and the node's own, the new chart's first
 */
function parseNode(located: Located, names: readonly string[], walk: Walk): RecipeNode {
  const { pointer } = located;
  const object = expectObject(located, 'with `package`, perhaps `_config`, and the children by their names');
  checkSize(pointer, names.length, walk);
  const sourceAt = locateKey(object, pointer, 'package');
  const isUmbrella = isAbsent(sourceAt.value) && names.length === 1;
  const source = isUmbrella ? undefined : parsePackage(sourceAt, walk.target);
  const config = parseConfig(locateKey(object, pointer, '_config'));
  const children = Object.keys(object)
    .filter((key) => key !== 'package' && key !== '_config')
    .sort()
    .map((name) => {
      const child = locateKey(object, pointer, name);
      checkTypingError(name, child);
      checkChildName(name, child.pointer, names);
      const node = parseNode(child, [...names, name], walk);
      if (isUmbrella) checkUmbrellaChild(node);
      return { name, node };
    });
  if (isUmbrella && children.length === 0) throw missingSource(pointer);
  return { pointer, ...(source ? { package: source } : {}), ...(config ? { config } : {}), children };
}

/** Refuses what is not a node under a name like that of a key: every other key is a child, also a misspelt one. */
function checkTypingError(name: string, { value, pointer }: Located): void {
  if (isObject(value) && Object.hasOwn(value, 'package')) return;
  const nearest = findNearestName(name, ['package', '_config']);
  if (nearest !== undefined)
    throw invalidKey(pointer, `is not a child, as it has no \`package\`. Did you mean ${nearest}?`);
}

/** Refuses a child that is to come out of its parent's archive, where the parent has none. */
function checkUmbrellaChild({ pointer, package: source }: RecipeNode): void {
  if (!source || source.independent) return;
  throw invalidRecipe(
    `${pointer}/package/independent`,
    'must be true: the root has no `package`, and so no archive that could contain this chart. Name a chart that is in the registry',
  );
}

function missingSource(pointer: string): RegistryError {
  return invalidRecipe(
    `${pointer}/package`,
    'is missing: name the chart that the new one is made of, or add children, and the new chart is an umbrella over them',
  );
}

function checkSize(pointer: string, depth: number, walk: Walk): void {
  walk.nodes += 1;
  if (walk.nodes > recipeLimits.nodes) {
    throw invalidRecipe(
      pointer,
      `is one node too many: a recipe has at most ${recipeLimits.nodes}. Compose a part of them into a chart first, and use that`,
    );
  }
  if (depth > recipeLimits.nodeDepth) {
    const message = `${pointer} lies too deep: at most ${recipeLimits.nodeDepth} nodes may lie in one another. Compose the innermost into a chart first, and use that`;
    throw new RegistryError('request.tooDeep', message, { pointer });
  }
}

/**
 * Checks a child's name, which becomes a chart's name, a folder, and a key of values.yaml.
 * Helm keeps `global` for values that every chart shares. A name that is also an ancestor's would be a cycle to any
 * program that follows names.
 */
function checkChildName(name: string, pointer: string, ancestors: readonly string[]): void {
  if (name === 'global') {
    throw invalidKey(
      pointer,
      'cannot be a child: Helm keeps `global` for values that all charts share. Give the child another name, or write the values into `_config`',
    );
  }
  // A dot is fine in a chart's own name, but Helm looks up a subchart's values by a dotted path and would find none.
  if (!isChartName(name) || name.includes('.')) {
    throw invalidKey(
      pointer,
      `is not a name a child can have: ${quoteClientText(name)} must be letters, digits, "-" and "_", a letter or digit first, at most 250`,
    );
  }
  if (ancestors.includes(name)) {
    throw invalidKey(
      pointer,
      `has the name of a node it lies in, ${quoteClientText(name)}: names would go round in a circle. Give it another name`,
    );
  }
}
