import { RegistryError } from '../errors.ts';
import { getKey, isObject, type Json, type JsonObject } from '../yaml/json.ts';
import { appendPointer } from '../yaml/json-pointer.ts';
import { describeKind, expectObject, invalidRecipe, type Located } from './expect.ts';
import { type RecipeNode, recipeLimits } from './recipe.ts';

/**
 * Parses a node's `_config`: a map in which every key is legal.
 * Null is refused: a recipe without configuration leaves the key out.
 * @throws {RegistryError} `recipe.invalid`, or `request.tooDeep`.
 */
export function parseConfig(located: Located): JsonObject | undefined {
  if (located.value === undefined) return undefined;
  const config = expectObject(located, 'with values, as in values.yaml');
  checkDepth(config, located.pointer, 1);
  return config;
}

/** Checks the nesting. Recursion is safe: `checkBody` has bounded the nesting of the whole body. */
function checkDepth(value: Json, pointer: string, depth: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth > recipeLimits.configDepth) {
    const message = `${pointer} is nested too deep: a configuration has at most ${recipeLimits.configDepth} levels. Make it flatter`;
    throw new RegistryError('request.tooDeep', message, { pointer });
  }
  for (const [key, child] of Object.entries(value)) {
    if (typeof child === 'object' && child !== null)
      checkDepth(child, appendPointer(pointer, key), depth + 1);
  }
}

/**
 * Checks that configuration under a child's name, at any depth, is a map or null.
 * Helm fails on a chart with anything else there ("type mismatch on db"). Literal values are read by templates alone
 * and need no such check.
 *
 * @throws {RegistryError} `recipe.invalid`.
 */
export function checkSections(node: RecipeNode): void {
  if (node.config) checkSectionsOf(node, node.config, `${node.pointer}/_config`);
  for (const child of node.children) checkSections(child.node);
}

function checkSectionsOf(node: RecipeNode, config: JsonObject, pointer: string): void {
  for (const child of node.children) {
    const section = getKey(config, child.name);
    if (section === undefined || section === null) continue;
    const sectionPointer = appendPointer(pointer, child.name);
    if (!isObject(section)) {
      throw invalidRecipe(
        sectionPointer,
        `must be an object or null, not ${describeKind(section)}: the recipe has a child ${child.name}, so Helm reads this key as the values of that child and fails on anything else. Write an object here, or give the child another name`,
      );
    }
    checkSectionsOf(child.node, section, sectionPointer);
  }
}
