import { RegistryError } from '../errors.ts';
import type { OciManifest } from './manifest.ts';
import { mediaTypes } from './media-types.ts';
import { chartNameOf, type RepositoryRef } from './names.ts';

/** Policy on charts that are pushed deeper than `SPACE/NAME`, where they are not charts of the space. */
export type NestedCharts = 'refuse' | 'store';

/**
 * Judges a manifest that is a chart's and goes deeper than `SPACE/NAME`. Helm shows errors and no warnings, so a chart
 * that is stored there would be missing without a word. Manifests of other artifacts pass.
 * @returns a warning where such charts are stored; undefined for every other manifest
 * @throws {RegistryError} `chart.nested` where they are refused
 */
export function checkNestedChart(
  policy: NestedCharts,
  repository: RepositoryRef,
  { config }: OciManifest,
): string | undefined {
  if (config?.mediaType !== mediaTypes.chartConfig || chartNameOf(repository) !== undefined) return undefined;
  const { full, space, name } = repository;
  const target = `${space}/${name.split('/').at(-1)}`;
  if (policy === 'store')
    return `chart.nested: ${full} is stored as an OCI artifact. Charts are SPACE/NAME, so lists, search, indexes and recipes do not have it; push it to ${target} for that.`;
  throw new RegistryError(
    'chart.nested',
    `${full} is too deep for a chart: charts are SPACE/NAME. Push it to ${target}, with Helm: helm push FILE oci://HOST/${space}. OCI_NESTED_CHARTS=store stores such charts, as artifacts that no list, search, index or recipe has.`,
  );
}
