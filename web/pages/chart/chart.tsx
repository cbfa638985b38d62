import type { ChartRef } from '@helm-registry/client';
import { useEffect, useLayoutEffect } from 'preact/hooks';
import { useRoute } from 'preact-iso';
import { pickLatest, versionsPerPage, versionsQuery } from '../../api/chart.ts';
import { useData } from '../../api/use-data.ts';
import { useAddress } from '../../parts/address.ts';
import { Problem, Skeleton } from '../../parts/states.tsx';
import { useReloadOn } from '../../parts/use-reload-on.ts';
import { useTitle } from '../../parts/use-title.ts';
import { deletionChanges } from '../deleted/last-deletion.ts';
import { loadTabAhead } from './lazy-tab.tsx';
import { VersionPage } from './version-page.tsx';
import { markListShown } from './versions/shown-lists.ts';
import './chart.css';

/** Page of a chart: of the version in the address, or of the latest one. */
export function Chart() {
  const { space = '', chart = '', version } = useRoute().params;
  const ref = { space, chart };
  const { tab } = useAddress().query;
  useLayoutEffect(() => loadTabAhead(tab), []);
  const versions = useData(versionsQuery, { ...ref, limit: versionsPerPage });
  useReloadOn(deletionChanges.value, versions.reload);
  // An old list is that of the chart before.
  const listed = versions.isOld ? undefined : versions.value;
  useEffect(() => {
    if (listed && tab !== 'versions') markListShown(listed);
  }, [listed, tab]);
  const shown = version || pickLatest(listed);
  if (shown !== undefined) {
    return (
      <VersionPage
        key={`${space}/${chart}/${shown}`}
        at={{ ...ref, version: shown }}
        title={version ? `${chart} ${version}` : chart}
        list={{ ...versions, value: listed }}
      />
    );
  }
  return (
    <section class="stack">
      <ChartTitle at={ref} />
      {versions.problem ? (
        <Problem problem={versions.problem} retry={versions.reload} />
      ) : (
        <Skeleton lines={12} />
      )}
    </section>
  );
}

/** Title of the page while there is no version to show. */
function ChartTitle({ at: { space, chart } }: { at: ChartRef }) {
  useTitle(chart, space);
  return (
    <div>
      <p class="small">
        <a href={`/-/spaces/${encodeURIComponent(space)}`}>{space}</a>
      </p>
      <h1>
        <bdi>{chart}</bdi>
      </h1>
    </div>
  );
}
