import type { FullVersionDetails, VersionDetails, VersionRef } from '@helm-registry/client';
import { detailsQuery, type Listed } from '../../api/chart.ts';
import { useData } from '../../api/use-data.ts';
import { useAddress } from '../../parts/address.ts';
import { usePageActions } from '../../parts/page-actions.ts';
import { Data } from '../../parts/states.tsx';
import { Tabs, useTab } from '../../parts/tabs.tsx';
import { ChartHead } from './head/chart-head.tsx';
import { LaterTab } from './later-tab.tsx';
import { Readme } from './readme/readme.tsx';
import { listTabs, tabParameters } from './tabs.ts';

/** Page of one version. */
export function VersionPage({
  at,
  versions,
}: {
  at: VersionRef;
  versions: Listed<VersionDetails> | undefined;
}) {
  const details = useData(detailsQuery, at);
  return (
    <article class="stack chart-page">
      <ChartHead at={at} details={details.value} versions={versions} />
      <Data data={details} lines={14}>
        {(value) => <VersionTabs details={value} versions={versions} />}
      </Data>
    </article>
  );
}

function VersionTabs({
  details,
  versions,
}: {
  details: FullVersionDetails;
  versions: Listed<VersionDetails> | undefined;
}) {
  const tabs = listTabs(details, versions?.total);
  const current = useTab(tabs) ?? 'readme';
  const { change } = useAddress();
  usePageActions(
    tabs.map(({ id, label }) => ({
      label: `${details.chart}: ${label}`,
      run: () => change({ ...Object.fromEntries(tabParameters.map((name) => [name, undefined])), tab: id }),
    })),
    `${details.chart}/${details.version}`,
  );
  return (
    <div class="stack">
      <Tabs label={`About ${details.chart}`} tabs={tabs} drops={tabParameters} />
      {current === 'readme' ? <Readme details={details} /> : <LaterTab id={current} details={details} />}
    </div>
  );
}
