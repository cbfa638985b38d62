import { isChartName, isSpaceName } from '../chart/names.ts';
import { isStrictVersion, parseVersion } from '../semver/version.ts';
import {
  expectBoolean,
  expectKnownKeys,
  expectMatch,
  expectObject,
  expectString,
  invalidRecipe,
  type Located,
  locateKey,
  quoteClientText,
} from './expect.ts';
import type { RecipePackage } from './recipe.ts';
import { parsePick, type VersionPick } from './version-pick.ts';

/** The version that the recipe composes. */
export interface ComposedTarget {
  space: string;
  chart: string;
  version: string;
  /** Whether the recipe may replace that version; then it may be made of what is there before. */
  replace?: boolean;
}

/**
 * Parses a node's `package`; `space` and `subcharts` may be left out.
 * Without `space` a source is in the space of the new chart.
 * @throws {RegistryError} `recipe.invalid`, also if the source is the very version that the recipe composes, unless it
 *   replaces that.
 */
export function parsePackage(located: Located, target: ComposedTarget): RecipePackage {
  const { pointer } = located;
  const object = expectObject(located, 'with `independent`, `chart` and `version`, and perhaps `space`');
  expectKnownKeys(object, pointer, ['independent', 'space', 'chart', 'version', 'subcharts']);
  const independent = expectBoolean(
    locateKey(object, pointer, 'independent'),
    'whether the registry holds this chart, or the archive of the parent does',
  );
  const source = {
    independent,
    space: parseSpace(locateKey(object, pointer, 'space'), target),
    chart: expectMatch(locateKey(object, pointer, 'chart'), 'the name of a chart', isChartName),
    ...parseVersionOrPick(locateKey(object, pointer, 'version')),
    ...parseSubcharts(locateKey(object, pointer, 'subcharts'), independent),
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
 * Parses `version`. A whole SemVer 2 version is exact. Other texts that Helm loads as versions, such as `1.2`, are
 * exact where such a version is stored, and otherwise the range that Helm reads in a dependency (`1.2.x`).
 */
function parseVersionOrPick(located: Located): Pick<RecipePackage, 'version' | 'pick' | 'orExact'> {
  const description = 'a version such as 1.2.3, a range such as ^1.2, or "latest"';
  const version = expectString(located, description);
  if (isStrictVersion(version)) return { version };
  const pick: VersionPick | undefined = parsePick(version);
  if (parseVersion(version)) return pick ? { version, pick, orExact: true } : { version };
  if (pick) return { version, pick };
  throw invalidRecipe(located.pointer, `must be ${description}, not ${quoteClientText(version)}`);
}

function parseSpace(located: Located, target: ComposedTarget): string {
  return located.value === undefined
    ? target.space
    : expectMatch(located, 'the name of a space', isSpaceName);
}

function parseSubcharts(
  { value, pointer }: Located,
  independent: boolean,
): Pick<RecipePackage, 'keep' | 'resolve'> {
  if (value === undefined || value === null || value === 'drop') return {};
  if (value === 'keep') return { keep: true };
  if (value === 'resolve' && independent) return { keep: true, resolve: true };
  if (value === 'resolve') {
    throw invalidRecipe(
      pointer,
      'cannot be "resolve" for a chart inside the archive of its parent: write "keep" to leave it as it is there, or name it as a stored chart (`independent` true)',
    );
  }
  throw invalidRecipe(
    pointer,
    'must be "keep", "resolve" or "drop": what becomes of subcharts that the recipe does not name',
  );
}

function isSameVersion(a: ComposedTarget, b: ComposedTarget): boolean {
  return a.space === b.space && a.chart === b.chart && a.version === b.version;
}
