import type { VersionDetails, VersionRef } from '@helm-registry/client';
import { useLocation } from 'preact-iso';
import type { ListedItems } from '../../../api/chart.ts';
import { useAddress } from '../../../parts/address.ts';
import { describeCount } from '../../../parts/bytes.ts';
import { pathToChart } from '../../../parts/chart-address.ts';

/** Value of the entry that leads to all versions. */
const allVersionsValue = ' ';

/** Chooser of the version that the page shows; the tab stays. */
export function VersionChooser({
  at,
  versions,
}: {
  at: VersionRef;
  versions: ListedItems<VersionDetails> | undefined;
}) {
  const { route } = useLocation();
  const { query } = useAddress();
  const items = versions?.items ?? [];
  const isListed = items.some(({ version }) => version === at.version);
  const hasMore = (versions?.total ?? 0) > items.length;
  const view = { tab: query.tab, path: query.path, view: query.view };
  return (
    <select
      class="select version-chooser"
      aria-label="Version"
      value={at.version}
      onChange={({ currentTarget }) => {
        const chosen = currentTarget.value;
        if (chosen === allVersionsValue)
          route(pathToChart(at.space, at.chart, at.version, { tab: 'versions' }));
        else route(pathToChart(at.space, at.chart, chosen, view));
      }}
    >
      {isListed ? null : <option value={at.version}>{at.version}</option>}
      {items.map(({ version, deprecated }) => (
        <option key={version} value={version}>
          {version}
          {deprecated ? ' (deprecated)' : ''}
        </option>
      ))}
      {hasMore ? (
        <option value={allVersionsValue}>All {describeCount(versions?.total ?? 0, 'version')}…</option>
      ) : null}
    </select>
  );
}
