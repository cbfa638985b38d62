import type { SearchQuery } from '@helm-registry/client';
import { type FoundCharts, facetNames, searchQuery } from '../../api/lists.ts';
import { useData } from '../../api/use-data.ts';
import { useAddress } from '../../parts/address.ts';
import { BeyondEnd } from '../../parts/beyond-end.tsx';
import { describeCount } from '../../parts/bytes.ts';
import { ChartList } from '../../parts/chart-list.tsx';
import { Pager, readStart } from '../../parts/pager.tsx';
import { readChartFilter, readKnownWord, readOrder } from '../../parts/read-query.ts';
import { Data, Empty } from '../../parts/states.tsx';
import { useTitle } from '../../parts/use-title.ts';
import { Facets } from './facets.tsx';
import './search.css';

const limit = 25;

/** Longest text that is searched for. */
const maxSearchLength = 250;

const sorts = [
  { value: 'relevance', label: 'Best match' },
  { value: 'updated', label: 'Changed last' },
  { value: 'name', label: 'Name' },
] as const;

/** Found charts with facets and sort. The header's field has the text. */
export function Search() {
  const { query } = useAddress();
  const q = (query.q ?? '').slice(0, maxSearchLength);
  useTitle(q === '' ? 'All charts' : `“${q}”`);
  const start = readStart(query.start);
  const found = useData(searchQuery, { query: readSearch({ ...query, q }), page: { start, limit } });
  return (
    <section class="search-page">
      <Head q={q} found={found.value} />
      <Facets facets={found.value?.facets} />
      <div>
        <Data data={found} lines={15}>
          {(page) => <FoundChartsPage page={page} start={start} />}
        </Data>
      </div>
    </section>
  );
}

function readSearch(query: Readonly<Record<string, string>>): SearchQuery {
  const sort =
    readKnownWord(
      sorts.map(({ value }) => value),
      query.sort,
    ) ?? (query.q ? 'relevance' : 'name');
  const order = readOrder(query.order) ?? (sort === 'updated' ? 'desc' : undefined);
  const { space } = query;
  return { ...readChartFilter(query), ...(space && { space }), sort, ...(order && { order }), facets: true };
}

function Head({ q, found }: { q: string; found: FoundCharts | undefined }) {
  const { query, change } = useAddress();
  const fallback = q === '' ? 'name' : 'relevance';
  return (
    <div class="search-head">
      <div>
        <h1>{q === '' ? 'All charts' : <>Charts for “{q}”</>}</h1>
        <p class="muted small" role="status">
          {found === undefined ? ' ' : describeCount(found.total, 'chart')}
          {found?.corrected === undefined
            ? ''
            : ` for “${found.corrected}”, since no chart matches “${q}” as it is written`}
        </p>
      </div>
      <label class="row small muted">
        Sort{' '}
        <select
          class="select"
          value={query.sort ?? fallback}
          onChange={({ currentTarget: { value } }) =>
            change({ sort: value === fallback ? undefined : value, order: undefined, start: undefined })
          }
        >
          {sorts
            .filter(({ value }) => q !== '' || value !== 'relevance')
            .map(({ value, label }) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
        </select>
      </label>
    </div>
  );
}

function FoundChartsPage({ page, start }: { page: FoundCharts; start: number }) {
  const { query, href } = useAddress();
  const { items, total } = page;
  const filters = [...facetNames, 'since'];
  const isFiltered = filters.some((name) => query[name] !== undefined);
  if (items.length === 0 && total > 0) return <BeyondEnd of="charts" />;
  if (items.length === 0)
    return (
      <Empty title="Nothing is found">
        <p>Try fewer or shorter words: names, keywords and descriptions are searched.</p>
        {isFiltered ? (
          <a href={href(Object.fromEntries([...filters, 'start'].map((name) => [name, undefined])))}>
            Search without filters
          </a>
        ) : null}
      </Empty>
    );
  return (
    <>
      <ChartList charts={items} label="Found charts" />
      <Pager start={start} limit={limit} total={total} of="charts" />
    </>
  );
}
