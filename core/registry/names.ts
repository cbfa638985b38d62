import { isChartName, isSpaceName } from '../chart/names.ts';
import { RegistryError } from '../errors.ts';
import { parseVersion } from '../semver/version.ts';
import type { VersionRef } from './registry.ts';

/** Checks the form of a space's name. @throws {RegistryError} `name.invalid` */
export function checkSpaceName(space: string): void {
  if (isSpaceName(space)) return;
  throw new RegistryError(
    'name.invalid',
    `${JSON.stringify(space)} is not a valid name of a space: use letters, digits, _ and -, beginning with a letter or digit, at most 250 in all.`,
  );
}

/** Checks the form of a chart's name. @throws {RegistryError} `name.invalid` */
export function checkChartName(chart: string): void {
  if (isChartName(chart)) return;
  throw new RegistryError(
    'name.invalid',
    `${JSON.stringify(chart)} is not a valid name of a chart: use letters, digits, _, - and ., beginning with a letter or digit, at most 250 in all.`,
  );
}

/** Name of a version in messages and as a key. No part contains a slash, so the name is unique. */
export function versionNameOf({ space, chart, version }: VersionRef): string {
  return `${space}/${chart}/${version}`;
}

/** Splits versions into one array for each column, for SQL's `unnest`. */
export function toColumnArrays(
  refs: readonly VersionRef[],
): [spaces: string[], charts: string[], versions: string[]] {
  return [refs.map(({ space }) => space), refs.map(({ chart }) => chart), refs.map(({ version }) => version)];
}

/** Checks the form of a version's names. @throws {RegistryError} `name.invalid` or `version.invalid` */
export function checkVersionRef({ space, chart, version }: VersionRef): void {
  checkSpaceName(space);
  checkChartName(chart);
  if (parseVersion(version)) return;
  throw new RegistryError(
    'version.invalid',
    `${JSON.stringify(version)} is not a version: expected SemVer 2, such as 1.2.3 or 1.2.3-rc.1+build.5.`,
  );
}
