import { isSpaceName } from '../chart/names.ts';
import { appendPointer } from '../yaml/json-pointer.ts';
import { expectMatch, invalidRecipe, isAbsent, type Located, quoteClientText } from './expect.ts';
import { type Configuration, type RecipeNode, recipeLimits } from './recipe.ts';

/**
 * Parses `save.from`, the spaces that are searched for missing parts.
 * @throws {RegistryError} `recipe.invalid`, also where no package of the recipe has `"subcharts": "resolve"`
 */
export function parseFrom({ value, pointer }: Located, root: RecipeNode): string[] | undefined {
  if (isAbsent(value)) return undefined;
  if (!Array.isArray(value) || value.length > recipeLimits.from) {
    throw invalidRecipe(
      pointer,
      `must be a list of at most ${recipeLimits.from} names of spaces, in the order in which they are searched`,
    );
  }
  const spaces = value.map((space, index) =>
    expectMatch(
      { value: space, pointer: appendPointer(pointer, String(index)) },
      'the name of a space',
      isSpaceName,
    ),
  );
  const again = spaces.findIndex((space, index) => spaces.indexOf(space) < index);
  if (again >= 0) {
    throw invalidRecipe(
      appendPointer(pointer, String(again)),
      `is listed twice: ${quoteClientText(spaces[again] ?? '')} is searched once, at its first place`,
    );
  }
  if (resolvesParts(root)) return spaces;
  throw invalidRecipe(
    pointer,
    'has no effect: write `"subcharts": "resolve"` into the package whose missing parts are taken from these spaces, or leave it out',
  );
}

/** Whether missing parts of a node or its descendants come from the registry. */
export function resolvesParts(node: RecipeNode<Configuration>): boolean {
  return node.package?.resolve === true || node.children.some((child) => resolvesParts(child.node));
}
