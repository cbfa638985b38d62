import type { FullVersionDetails, VersionDetails, VersionRef } from '@helm-registry/client';
import { archiveUrl, type ListedItems } from '../../../api/chart.ts';
import { pathTo, pathToComposer } from '../../../parts/address.ts';
import { ChartBadges } from '../../../parts/chart-badges.tsx';
import { ChartIcon } from '../../../parts/chart-icon.tsx';
import { HeadFacts } from './head-facts.tsx';
import { VersionChooser } from './version-chooser.tsx';

/** Head of a chart's page: what it is, which version, and where it stands. */
export function ChartHead({
  at,
  details,
  versions,
}: {
  at: VersionRef;
  details: FullVersionDetails | undefined;
  versions: ListedItems<VersionDetails> | undefined;
}) {
  // Show the row of the list of versions until the details are there.
  const known = details ?? versions?.items.find(({ version }) => version === at.version);
  return (
    <header class="chart-head">
      <div class="chart-head-icon">{known ? <ChartIcon of={known} size={64} /> : null}</div>
      <div class="chart-head-text">
        <p class="small">
          <a href={pathTo('spaces', at.space)}>
            <bdi>{at.space}</bdi>
          </a>
        </p>
        <div class="row">
          <h1>
            <bdi>{at.chart}</bdi>
          </h1>
          {known ? <ChartBadges of={known} /> : null}
        </div>
        <p class="chart-head-about" dir="auto">
          {known?.description || '\u00a0'}
        </p>
        {known ? <HeadFacts of={known} /> : <p class="small">{'\u00a0'}</p>}
      </div>
      <div class="chart-head-tools">
        <VersionChooser at={at} versions={versions} />
        <a class="button" data-kind="primary" href={pathToComposer({ add: `${at.space}/${at.chart}` })}>
          Add to a recipe
        </a>
        <a class="button" href={archiveUrl(at)} download>
          Download
        </a>
      </div>
    </header>
  );
}
