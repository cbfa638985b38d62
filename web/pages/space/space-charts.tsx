import { useEffect } from 'preact/hooks';
import { chartsQuery } from '../../api/lists.ts';
import { useData } from '../../api/use-data.ts';
import { useAddress } from '../../parts/address.ts';
import { BeyondEnd } from '../../parts/beyond-end.tsx';
import { ChartList } from '../../parts/chart-list.tsx';
import { Pager, readStart } from '../../parts/pager.tsx';
import {
  chartFilterNames,
  hasChartFilters,
  readChartFilter,
  readKnownWord,
  readOrder,
} from '../../parts/read-query.ts';
import { Data, Empty } from '../../parts/states.tsx';
import { ChartFilters, sorts } from './chart-filters.tsx';

const limit = 25;

/**
 * Charts of a space with filters and sort, all in the address.
 * @param changes counts what this page changed; the list is loaded anew each time
 */
export function SpaceCharts({
  space,
  changes = 0,
  mayFill = true,
}: {
  space: string;
  changes?: number;
  /** Whether charts can be stored there; not in a mirror. */
  mayFill?: boolean;
}) {
  const { query, href } = useAddress();
  const start = readStart(query.start);
  const sort =
    readKnownWord(
      sorts.map(({ value }) => value),
      query.sort,
    ) ?? 'name';
  const order = readOrder(query.order) ?? (sort === 'name' ? 'asc' : 'desc');
  const filter = { ...readChartFilter(query), sort, order };
  const charts = useData(chartsQuery, { space, filter, page: { start, limit } });
  useEffect(() => {
    if (changes > 0) charts.reload();
  }, [changes]);
  return (
    <div class="stack">
      <ChartFilters total={charts.value?.total} />
      <Data data={charts} lines={12}>
        {({ items, total }) =>
          items.length === 0 && total > 0 ? (
            <BeyondEnd of="charts" />
          ) : items.length === 0 ? (
            <Empty title={hasChartFilters(query) ? 'No chart passes these filters' : 'No charts yet'}>
              {hasChartFilters(query) ? (
                <a
                  href={href(
                    Object.fromEntries([...chartFilterNames, 'start'].map((name) => [name, undefined])),
                  )}
                >
                  Show all charts
                </a>
              ) : (
                <p>
                  {mayFill ? 'Upload the first one above.' : 'They come with the next run of the mirror.'}
                </p>
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
