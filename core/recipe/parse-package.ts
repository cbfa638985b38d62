import { isChartName, isSpaceName } from '../chart/names.ts';
import { parseVersion } from '../chart/version.ts';
import { expectBoolean, expectMatch, expectObject, invalidRecipe, type Located, locate } from './expect.ts';
import type { RecipePackage } from './recipe.ts';

/** The version that the recipe makes. */
export interface Target {
  space: string;
  chart: string;
  version: string;
}

/**
 * Parses where a node's files come from; all four keys are needed.
 * @throws {RegistryError} `recipe.invalid`, also when the source is the very version that the recipe makes.
 */
export function parsePackage(located: Located, target: Target): RecipePackage {
  const { pointer } = located;
  const object = expectObject(located, 'with `independent`, `space`, `chart` and `version`');
  const source = {
    independent: expectBoolean(
      locate(object, pointer, 'independent'),
      'whether the registry holds this chart, or the archive of the parent does',
    ),
    space: expectMatch(locate(object, pointer, 'space'), 'the name of a space', isSpaceName),
    chart: expectMatch(locate(object, pointer, 'chart'), 'the name of a chart', isChartName),
    version: expectMatch(locate(object, pointer, 'version'), 'a version such as 1.2.3', isVersion),
  };
  if (source.independent && isSame(source, target)) {
    throw invalidRecipe(pointer, 'is the chart that this recipe makes: it cannot be a source of itself');
  }
  return source;
}

function isVersion(text: string): boolean {
  return parseVersion(text) !== undefined;
}

function isSame(a: Target, b: Target): boolean {
  return a.space === b.space && a.chart === b.chart && a.version === b.version;
}
