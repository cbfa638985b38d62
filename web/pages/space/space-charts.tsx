import { chartsQuery } from '../../api/lists.ts';
import { useData } from '../../api/use-data.ts';
import { useAddress } from '../../parts/address.ts';
import { ChartList } from '../../parts/chart-list.tsx';
import { Pager, readStart } from '../../parts/pager.tsx';
import { Data, Empty } from '../../parts/states.tsx';
import { ChartFilters, filterNames, hasFilters } from './chart-filters.tsx';

const limit = 25;

/** Charts of a space with filters and sort, all in the address. */
export function SpaceCharts({ space }: { space: string }) {
  const { query, href } = useAddress();
  const start = readStart(query.start);
  const filters = Object.fromEntries(filterNames.map((name) => [name, query[name]]));
  const { sort = 'name', order = sort === 'name' ? 'asc' : 'desc' } = query;
  const charts = useData(chartsQuery, { space, ...filters, sort, order, start, limit });
  return (
    <div class="stack">
      <ChartFilters total={charts.value?.metadata.total} />
      <Data data={charts} lines={12}>
        {({ items, metadata: { total } }) =>
          items.length === 0 ? (
            <Empty title={hasFilters(query) ? 'No chart passes these filters' : 'No charts yet'}>
              {hasFilters(query) ? (
                <a
                  href={href(Object.fromEntries([...filterNames, 'start'].map((name) => [name, undefined])))}
                >
                  Show all charts
                </a>
              ) : (
                <p>Upload the first one above.</p>
              )}
            </Empty>
          ) : (
            <>
              <ChartList charts={items} label={`Charts of ${space}`} hasSpace={false} />
              <Pager start={start} limit={limit} total={total} of="charts" />
            </>
          )
        }
      </Data>
    </div>
  );
}
