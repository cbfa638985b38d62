import { isChartName, isSpaceName } from '../chart/names.ts';
import { parseVersion } from '../semver/version.ts';
import {
  expectBoolean,
  expectKnownKeys,
  expectMatch,
  expectObject,
  expectString,
  invalidRecipe,
  type Located,
  locate,
  quote,
} from './expect.ts';
import type { RecipePackage } from './recipe.ts';
import { parsePick, type VersionPick } from './version-pick.ts';

/** The version that the recipe composes. */
export interface Target {
  space: string;
  chart: string;
  version: string;
  /** Whether the recipe may replace that version; then it may be made of what is there before. */
  replace?: boolean;
}

/**
 * Parses a node's `package`; four keys are needed, `subcharts` may be left out.
 * @throws {RegistryError} `recipe.invalid`, also if the source is the very version that the recipe composes, unless it replaces
 *   that.
 */
export function parsePackage(located: Located, target: Target): RecipePackage {
  const { pointer } = located;
  const object = expectObject(located, 'with `independent`, `space`, `chart` and `version`');
  expectKnownKeys(object, pointer, ['independent', 'space', 'chart', 'version', 'subcharts']);
  const source = {
    independent: expectBoolean(
      locate(object, pointer, 'independent'),
      'whether the registry holds this chart, or the archive of the parent does',
    ),
    space: expectMatch(locate(object, pointer, 'space'), 'the name of a space', isSpaceName),
    chart: expectMatch(locate(object, pointer, 'chart'), 'the name of a chart', isChartName),
    ...parseVersionOrPick(locate(object, pointer, 'version')),
    ...parseSubcharts(locate(object, pointer, 'subcharts')),
  };
  if (source.independent && !target.replace && isSameVersion(source, target)) {
    throw invalidRecipe(
      pointer,
      'is the chart that this recipe makes: it cannot be a source of itself. Choose another `save.version` or another source, or let the recipe replace it with `"replace": true` in `save`',
    );
  }
  return source;
}

/**
 * Parses `version`. A text that loads as a version is exact, `1.2` too, which Helm elsewhere takes for a range
 * (`1.2.x`).
 */
function parseVersionOrPick(located: Located): { version: string; pick?: VersionPick } {
  const description = 'a version such as 1.2.3, a range such as ^1.2, or "latest"';
  const version = expectString(located, description);
  if (parseVersion(version)) return { version };
  const pick = parsePick(version);
  if (pick) return { version, pick };
  throw invalidRecipe(located.pointer, `must be ${description}, not ${quote(version)}`);
}

function parseSubcharts({ value, pointer }: Located): { keep?: true } {
  if (value === undefined || value === null || value === 'drop') return {};
  if (value === 'keep') return { keep: true };
  throw invalidRecipe(
    pointer,
    'must be "keep" or "drop": what becomes of subcharts that the recipe does not name',
  );
}

function isSameVersion(a: Target, b: Target): boolean {
  return a.space === b.space && a.chart === b.chart && a.version === b.version;
}
