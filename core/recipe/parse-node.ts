import { isChartName } from '../chart/names.ts';
import { RegistryError } from '../errors.ts';
import { expectObject, invalidRecipe, type Located, locate, quote } from './expect.ts';
import { parseConfig } from './parse-config.ts';
import { parsePackage, type Target } from './parse-package.ts';
import { type RecipeNode, recipeLimits } from './recipe.ts';

/**
 * Parses `configs` and all nodes below it.
 * @throws {RegistryError} as `parseRecipe` does.
 */
export function parseRoot(located: Located, target: Target): RecipeNode {
  const root = parseNode(located, [target.chart], { target, nodes: 0 });
  if (root.package.independent) return root;
  throw invalidRecipe(
    `${root.pointer}/package/independent`,
    'must be true: the root has no parent whose archive could contain it. Name a chart that is in the registry',
  );
}

interface Walk {
  target: Target;
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
  const source = parsePackage(locate(object, pointer, 'package'), walk.target);
  const config = parseConfig(locate(object, pointer, '_config'));
  const children = Object.keys(object)
    .filter((key) => key !== 'package' && key !== '_config')
    .sort()
    .map((name) => {
      const child = locate(object, pointer, name);
      checkChildName(name, child.pointer, names);
      return { name, node: parseNode(child, [...names, name], walk) };
    });
  return { pointer, package: source, ...(config ? { config } : {}), children };
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
    throw invalidRecipe(
      pointer,
      'cannot be a child: Helm keeps `global` for values that all charts share. Give the child another name, or write the values into `_config`',
    );
  }
  // A dot is fine in a chart's own name, but Helm looks up a subchart's values by a dotted path and would find none.
  if (!isChartName(name) || name.includes('.')) {
    throw invalidRecipe(
      pointer,
      `is not a name a child can have: ${quote(name)} must be letters, digits, "-" and "_", a letter or digit first, at most 250`,
    );
  }
  if (ancestors.includes(name)) {
    throw invalidRecipe(
      pointer,
      `has the name of a node it lies in, ${quote(name)}: names would go round in a circle. Give it another name`,
    );
  }
}
