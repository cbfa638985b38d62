import { registry } from '../../api/registry.ts';

/** Largest numbers: newest versions that are searched, and composed ones that are offered. */
const maxVersions = { searched: 1_000, offered: 50 };

/** Lists the composed ones among the newest versions of a chart, the newest first. */
export async function listComposedVersions(
  space: string,
  chart: string,
  signal: AbortSignal,
): Promise<string[]> {
  const versions = registry.space(space).chart(chart).versions();
  const { items } = await versions.page({ limit: maxVersions.searched, signal });
  return items
    .filter(({ composed }) => composed)
    .slice(0, maxVersions.offered)
    .map(({ version }) => version);
}
