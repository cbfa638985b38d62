import { registry } from '../../api/registry.ts';

/** Largest numbers: newest versions that are searched, and composed ones that are offered. */
const maxVersions = { searched: 1_000, offered: 50 };

/** Composed versions of a chart that are offered. */
export interface ComposedVersions {
  /** The newest first. */
  names: readonly string[];
  /** Whether there are versions, among them perhaps composed ones, that were not looked at. */
  isPart: boolean;
}

/**
 * Lists composed ones among the newest versions that have a text in them. What is typed thus finds versions that are
 * older than those that are looked at without it.
 */
export async function listComposedVersions(
  { space, chart, text }: { space: string; chart: string; text: string },
  signal: AbortSignal,
): Promise<ComposedVersions> {
  const versions = registry
    .space(space)
    .chart(chart)
    .versions(text === '' ? {} : { q: text });
  const { items, total } = await versions.page({ limit: maxVersions.searched, signal });
  const names = items.filter(({ composed }) => composed).map(({ version }) => version);
  return {
    names: names.slice(0, maxVersions.offered),
    isPart: items.length < total || names.length > maxVersions.offered,
  };
}
