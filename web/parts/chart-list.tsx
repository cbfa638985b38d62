import type { ListedChart } from '../api/lists.ts';
import { pathTo } from './address.ts';
import { describeCount } from './bytes.ts';
import { ChartBadges } from './chart-badges.tsx';
import { ChartIcon } from './chart-icon.tsx';
import { Time } from './time.tsx';
import './chart-list.css';

/** Charts as rows: name, latest version, description, marks, and when it changed. */
export function ChartList({
  charts,
  label,
  hasSpace = true,
}: {
  charts: readonly ListedChart[];
  label: string;
  /** Whether rows name the space; not where all are of one. */
  hasSpace?: boolean;
}) {
  return (
    <ul class="chart-list" aria-label={label}>
      {charts.map((chart) => (
        <ChartRow key={`${chart.space}/${chart.name}`} chart={chart} hasSpace={hasSpace} />
      ))}
    </ul>
  );
}

function ChartRow({ chart, hasSpace }: { chart: ListedChart; hasSpace: boolean }) {
  const { space, name, latest, versions, updatedAt } = chart;
  return (
    <li>
      <ChartIcon of={latest} />
      <div class="chart-text">
        <p class="chart-name">
          <a href={pathTo('charts', space, name)}>
            <bdi>{name}</bdi>
          </a>{' '}
          <span class="mono muted">{latest.version}</span> <ChartBadges of={latest} />
        </p>
        <p class="chart-about muted">{latest.description}</p>
      </div>
      <p class="chart-facts small muted">
        <Time at={updatedAt} />
        <span>
          {hasSpace ? (
            <>
              <a href={pathTo('spaces', space)}>{space}</a> ·{' '}
            </>
          ) : null}
          {describeCount(versions, 'version')}
        </span>
      </p>
    </li>
  );
}
