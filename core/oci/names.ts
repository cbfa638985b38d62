import { isSpaceName } from '../chart/names.ts';
import { RegistryError } from '../errors.ts';
import { parseVersion } from '../semver/version.ts';

/** Name of a repository: the first part is a space, the rest the name in the space. */
export interface RepositoryRef {
  /** `lib/web`, as in the path of a request. */
  full: string;
  space: string;
  /** Below the space: `web`, or `team/web`. */
  name: string;
}

// Distribution spec 1.1, "Pulling manifests".
const componentPattern = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
/** Pattern of the name of a repository, for PostgreSQL too. */
export const repositoryPattern = new RegExp(`^${componentPattern}(?:/${componentPattern})*$`);
const tagPattern = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;

/** Largest length of a full name in characters. */
const maxRepositoryNameLength = 255;

/** Checks the name of a repository. */
export function isRepositoryName(full: string): boolean {
  const [space = '', ...rest] = full.split('/');
  return (
    full.length <= maxRepositoryNameLength &&
    repositoryPattern.test(full) &&
    isSpaceName(space) &&
    rest.length > 0
  );
}

/** Parses the name of a repository. @throws {RegistryError} `repository.invalid` */
export function parseRepository(full: string): RepositoryRef {
  const [space = '', ...rest] = full.split('/');
  if (isRepositoryName(full)) return { full, space, name: rest.join('/') };
  throw new RegistryError(
    'repository.invalid',
    `${JSON.stringify(full)} is not a repository here: expected SPACE/NAME in lower case, at most ${maxRepositoryNameLength} characters.`,
  );
}

/** Name of the chart whose versions are tags of a repository. A deeper repository has none: undefined. */
export function chartNameOf(repository: RepositoryRef): string | undefined {
  return repository.name.includes('/') ? undefined : repository.name;
}

/** Whether a text has the form of a tag. */
export function isTag(text: string): boolean {
  return tagPattern.test(text);
}

/** Checks the form of a tag. @throws {RegistryError} `manifest.invalid` */
export function checkTag(text: string): void {
  if (isTag(text)) return;
  throw new RegistryError(
    'manifest.invalid',
    `${JSON.stringify(text)} is not a tag: letters, digits, _, . and - are allowed, at most 128, and neither . nor - first.`,
  );
}

/** Version that a tag stands for; undefined for other tags. Helm writes `+` as `_`, which versions do not contain. */
export function versionOfTag(tagName: string): string | undefined {
  const version = tagName.replaceAll('_', '+');
  return parseVersion(version) ? version : undefined;
}

/** Tag of a version. */
export function tagOfVersion(version: string): string {
  return version.replaceAll('+', '_');
}
