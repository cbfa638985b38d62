import { outdatedQuery } from '../../api/outdated.ts';
import { useData } from '../../api/use-data.ts';
import { pathToChart } from '../../parts/chart-address.ts';
import { Data } from '../../parts/states.tsx';

/** Composed charts that are out of date, some of them. Each leads to where it is composed again. */
export function OutdatedCharts() {
  const outdated = useData(outdatedQuery, { filter: { state: 'outdated' }, limit: 5 });
  return (
    <section class="card">
      <header>
        <h2>Out of date</h2>
        <a class="small" href="/-/outdated">
          All
        </a>
      </header>
      <Data data={outdated} lines={2}>
        {({ items }) =>
          items.length === 0 ? (
            <p class="side-none muted">Every composed chart is up to date.</p>
          ) : (
            <ul class="side-list">
              {items.map(({ space, chart, version, sources }) => (
                <li key={`${space}/${chart}/${version}`}>
                  <span>
                    <a href={pathToChart(space, chart, version, { tab: 'lineage' })}>{chart}</a>{' '}
                    <span class="mono muted">{version}</span>
                  </span>
                  <span class="small muted">
                    {sources
                      .filter((source) => source.outdated)
                      .map((source) => source.chart)
                      .join(', ')}
                  </span>
                </li>
              ))}
            </ul>
          )
        }
      </Data>
    </section>
  );
}
