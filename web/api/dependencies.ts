import type { VersionRef } from '@helm-registry/client';
import { type DependencyInChartFile, readDeclaredDependencies } from './clean-details.ts';
import { createQuery } from './query.ts';
import { registry } from './registry.ts';

/** Chart of the registry that has the name of a dependency. */
export interface DependencyTarget {
  space: string;
  name: string;
  deprecated: boolean;
}

/** Largest number of names that are looked up. */
const maxLookedUpNames = 30;

/** Charts of the registry for dependencies, by their names: those of the same space first. */
export const dependencyTargetsQuery = createQuery(
  async (
    { space, names }: { space: string; names: readonly string[] },
    signal,
  ): Promise<DependencyTarget[]> => {
    const found = await Promise.all(
      names.slice(0, maxLookedUpNames).map((name) => findDependencyTarget(space, name, signal)),
    );
    return found.flatMap((target) => target ?? []);
  },
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
  name: string,
  signal: AbortSignal,
): Promise<DependencyTarget | undefined> {
  const { items } = await registry.search({ q: name }, { signal }).page({ limit: 20 });
  const named = items.filter((item) => item.chart === name);
  const chart = named.find((item) => item.space === space) ?? named[0];
  return chart && { space: chart.space, name, deprecated: chart.deprecated };
}
