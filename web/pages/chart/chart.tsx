import type { ChartRef } from '@helm-registry/client';
import { useRoute } from 'preact-iso';
import { type Listed, versionsQuery } from '../../api/chart.ts';
import { useData } from '../../api/use-data.ts';
import { Problem, Skeleton } from '../../parts/states.tsx';
import { useReloadOn } from '../../parts/use-reload-on.ts';
import { useTitle } from '../../parts/use-title.ts';
import { deletionChanges } from '../deleted/last-deletion.ts';
import { VersionPage } from './version-page.tsx';
import './chart.css';

/** Versions that the chooser offers. */
const offered = 50;

/** Page of a chart: of the version in the address, or of the latest one. */
export function Chart() {
  const { space = '', chart = '', version } = useRoute().params;
  const ref = { space, chart };
  const versions = useData(versionsQuery, { ...ref, limit: offered });
  useReloadOn(deletionChanges.value, versions.reload);
  // An old list is that of the chart before.
  const listed = versions.isOld ? undefined : versions.value;
  const shown = version || pickLatest(listed);
  if (shown !== undefined) {
    return (
      <VersionPage
        key={`${space}/${chart}/${shown}`}
        at={{ ...ref, version: shown }}
        title={version ? `${chart} ${version}` : chart}
        versions={listed}
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

// The highest release, or the highest version of a chart that has pre-releases only.
function pickLatest(
  versions: Listed<{ version: string; preRelease: boolean }> | undefined,
): string | undefined {
  const items = versions?.items ?? [];
  return (items.find(({ preRelease }) => !preRelease) ?? items[0])?.version;
}
