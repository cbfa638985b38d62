import type { VersionRef } from '@helm-registry/client';
import { detailsQuery } from '../../api/chart.ts';
import { useData } from '../../api/use-data.ts';
import { useAddress } from '../../parts/address.ts';
import { usePageActions } from '../../parts/page-actions.ts';
import { Data } from '../../parts/states.tsx';
import { type Tab, Tabs, useTab } from '../../parts/tabs.tsx';
import { useTitle } from '../../parts/use-title.ts';
import { ChartHead } from './head/chart-head.tsx';
import { LazyTab } from './lazy-tab.tsx';
import { Readme } from './readme/readme.tsx';
import type { VersionsTabProperties } from './tab-properties.ts';
import { listTabs, tabParameters } from './tabs.ts';

/** Page of one version. */
export function VersionPage({
  at,
  title,
  list,
}: {
  at: VersionRef;
  /** Name of the page in the browser; its tab comes before it. */
  title: string;
  list: VersionsTabProperties['list'];
}) {
  const versions = list.value;
  const details = useData(detailsQuery, at);
  const tabs = details.value ? listTabs(details.value, versions?.total) : [];
  const current = useTab(tabs);
  const tab = tabs.slice(1).find(({ id }) => id === current);
  useTitle(...(tab ? [tab.label] : []), title, at.space);
  return (
    <article class="stack chart-page">
      <ChartHead at={at} details={details.value} versions={versions} />
      <Data data={details} lines={14}>
        {(value) => <VersionTabs details={value} list={list} tabs={tabs} current={current} />}
      </Data>
    </article>
  );
}

function VersionTabs({
  details,
  list,
  tabs,
  current = 'readme',
}: VersionsTabProperties & {
  tabs: readonly Tab[];
  current: string | undefined;
}) {
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
      {current === 'readme' ? (
        <Readme details={details} />
      ) : (
        <LazyTab id={current} details={details} list={list} />
      )}
    </div>
  );
}
