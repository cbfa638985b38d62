import type { VersionRef } from '@helm-registry/client';
import { type DependencyInChartFile, readDeclaredDependencies } from './clean-details.ts';
import { createQuery } from './query.ts';
import { registry } from './registry.ts';
import { spaceOfAddress } from './space-of-address.ts';

/** Chart of the registry that has the name of a dependency. */
export interface DependencyTarget {
  space: string;
  name: string;
  deprecated: boolean;
}

/** Name of a dependency, and the repository that it is declared to be from. */
export interface DependencyName {
  name: string;
  repository: string | undefined;
}

/** Largest number of dependencies that are looked up. */
const maxLookedUp = 30;

/**
 * Charts of the registry for dependencies, in their order: those of the space that the repository names where it is one
 * of this registry, or else of the same space, or else any of the name.
 */
export const dependencyTargetsQuery = createQuery(
  async (
    { space, wanted }: { space: string; wanted: readonly DependencyName[] },
    signal,
  ): Promise<(DependencyTarget | undefined)[]> =>
    Promise.all(wanted.slice(0, maxLookedUp).map((one) => findDependencyTarget(space, one, signal))),
);

/**
 * Dependencies that a version declares, with the tags that switch them. They are in Chart.yaml, or, in charts of
 * Helm 2, in requirements.yaml. The details of a version have them without tags, and need no parser of YAML.
 */
export const declaredDependenciesQuery = createQuery(
  async (ref: VersionRef, signal): Promise<DependencyInChartFile[]> => {
    const version = registry.space(ref.space).chart(ref.chart).version(ref.version);
    // YAML is read by a program of its own, which the first load does not need.
    const [{ parse }, { items }] = await Promise.all([
      import('yaml'),
      version.files({ kind: 'chart' }, { signal }).page({ limit: 100 }),
    ]);
    const paths = items.map(({ path }) => path).filter((path) => /^(?:Chart|requirements)\.yaml$/.test(path));
    const texts = await Promise.all(paths.map((path) => version.fileText(path, { signal })));
    return texts.flatMap((text) => readDeclaredDependencies(parse(text)));
  },
);

async function findDependencyTarget(
  space: string,
  { name, repository }: DependencyName,
  signal: AbortSignal,
): Promise<DependencyTarget | undefined> {
  const own = spaceOfAddress(repository, location);
  // The best results for a name may all be of other spaces.
  const search = (where: { space?: string }) =>
    registry.search({ q: name, ...where }, { signal }).page({ limit: 20 });
  const pages = await Promise.all([...(own === undefined ? [] : [search({ space: own })]), search({})]);
  const named = pages.flatMap(({ items }) => items).filter((item) => item.chart === name);
  const chart = named.find((item) => item.space === (own ?? space)) ?? named[0];
  return chart && { space: chart.space, name, deprecated: chart.deprecated };
}
