import { RegistryError } from '../errors.ts';
import { invalidRecipe } from './expect.ts';
import { recipeLimits } from './recipe.ts';

/** Makes the error for parts that need each other. @param chain versions as `space/chart/version`, the last one again */
export function cycleError(pointer: string, chain: readonly string[]): RegistryError {
  return new RegistryError(
    'dependency.cycle',
    `${pointer}: the declared dependencies go round in a circle: ${chain.join(' → ')}. Name one of them as a child of the recipe, or upload it with its dependencies packed (helm dependency build).`,
    { pointer, chain: [...chain] },
  );
}

/** Makes the error for more nodes and parts than a recipe may have. */
export function tooManyParts(pointer: string): RegistryError {
  return invalidRecipe(
    pointer,
    `has too many missing parts: a recipe has at most ${recipeLimits.nodes} nodes and parts. Compose a part of them into a chart first, and use that`,
  );
}

/** Makes the error for charts whose ranges and packed versions are too many to compare. */
export function tooManyRanges(pointer: string, declaredBy: string): RegistryError {
  return invalidRecipe(
    pointer,
    `cannot be resolved: ${declaredBy} declares too many ranges of charts that its archive has in too many versions. Use "subcharts": "keep" and name what is missing as children`,
  );
}

/** Makes the error for parts that lie too deep in one another. */
export function tooDeepParts(pointer: string, declaredBy: string): RegistryError {
  return new RegistryError(
    'request.tooDeep',
    `${pointer}: the dependencies of ${declaredBy} lie too deep: at most ${recipeLimits.nodeDepth} charts may lie in one another. Compose the innermost into a chart first, and use that`,
    { pointer },
  );
}
