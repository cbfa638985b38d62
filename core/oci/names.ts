import { isSpaceName } from '../chart/names.ts';
import { RegistryError } from '../errors.ts';
import { parseVersion } from '../semver/version.ts';

/** A repository by its name: the first part is a space, what follows is its name there. */
export interface RepositoryRef {
  /** `lib/web`, as in the path of a request. */
  full: string;
  space: string;
  /** Below the space: `web`, or `team/web`. */
  name: string;
}

// Distribution spec 1.1, "Pulling manifests".
const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const repository = new RegExp(`^${component}(?:/${component})*$`);
const tag = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;

/** Characters of a whole name. */
const maxName = 255;

/** @throws {RegistryError} `repository.invalid` */
export function parseRepository(full: string): RepositoryRef {
  const [space = '', ...rest] = full.split('/');
  const name = rest.join('/');
  if (full.length <= maxName && repository.test(full) && isSpaceName(space) && name !== '')
    return { full, space, name };
  throw new RegistryError(
    'repository.invalid',
    `${JSON.stringify(full)} is no repository here: expected SPACE/NAME in lower case, at most ${maxName} characters.`,
  );
}

/** The chart whose versions are tags of a repository: only one directly in a space can have such. */
export function chartNameOf(repository: RepositoryRef): string | undefined {
  return repository.name.includes('/') ? undefined : repository.name;
}

/** @throws {RegistryError} `manifest.invalid` for what is no tag */
export function checkTag(text: string): void {
  if (tag.test(text)) return;
  throw new RegistryError(
    'manifest.invalid',
    `${JSON.stringify(text)} is no tag: letters, digits, _, . and - are allowed, at most 128, and neither . nor - first.`,
  );
}

/** The version that a tag stands for: Helm writes `+` as `_`, which versions do not have. Undefined for other tags. */
export function versionOfTag(tagName: string): string | undefined {
  const version = tagName.replaceAll('_', '+');
  return parseVersion(version) ? version : undefined;
}

/** A version as a tag. */
export function tagOf(version: string): string {
  return version.replaceAll('+', '_');
}
