import { searchQuery } from '../../api/lists.ts';
import { type FoundCharts, facetNames } from '../../api/shapes.ts';
import { useData } from '../../api/use-data.ts';
import { useAddress } from '../../parts/address.ts';
import { describeCount } from '../../parts/bytes.ts';
import { ChartList } from '../../parts/chart-list.tsx';
import { Pager, readStart } from '../../parts/pager.tsx';
import { Data, Empty } from '../../parts/states.tsx';
import { useTitle } from '../../parts/use-title.ts';
import { Facets } from './facets.tsx';
import './search.css';

const limit = 25;

const sorts = [
  { value: 'relevance', label: 'Best match' },
  { value: 'updated', label: 'Changed last' },
  { value: 'name', label: 'Name' },
];

/** Found charts with facets and sort. The header's field has the text. */
export function Search() {
  const { query } = useAddress();
  const { q = '', sort, order } = query;
  useTitle(q === '' ? 'All charts' : `“${q}”`);
  const start = readStart(query.start);
  const chosen = Object.fromEntries([...facetNames, 'since' as const].map((name) => [name, query[name]]));
  const found = useData(searchQuery, {
    q,
    ...chosen,
    sort: sort ?? (q === '' ? 'name' : undefined),
    order: order ?? (sort === 'updated' ? 'desc' : undefined),
    facets: true,
    start,
    limit,
  });
  return (
    <section class="search-page">
      <Head q={q} found={found.value} />
      <Facets facets={found.value?.facets} />
      <div>
        <Data data={found} lines={15}>
          {(page) => <Found page={page} start={start} />}
        </Data>
      </div>
    </section>
  );
}

function Head({ q, found }: { q: string; found: FoundCharts | undefined }) {
  const { query, change } = useAddress();
  const fallback = q === '' ? 'name' : 'relevance';
  return (
    <div class="search-head">
      <div>
        <h1>{q === '' ? 'All charts' : <>Charts for “{q}”</>}</h1>
        <p class="muted small" role="status">
          {found === undefined ? ' ' : describeCount(found.metadata.total, 'chart')}
          {found?.corrected === undefined ? '' : `, for “${found.corrected}”: nothing has “${q}”`}
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

function Found({ page, start }: { page: FoundCharts; start: number }) {
  const { query, href } = useAddress();
  const { items, metadata } = page;
  const isFiltered = facetNames.some((name) => query[name] !== undefined);
  if (items.length === 0)
    return (
      <Empty title="Nothing is found">
        <p>Try fewer or shorter words: names, keywords and descriptions are searched.</p>
        {isFiltered ? (
          <a
            href={href(
              Object.fromEntries([...facetNames, 'since', 'start'].map((name) => [name, undefined])),
            )}
          >
            Search without filters
          </a>
        ) : null}
      </Empty>
    );
  return (
    <>
      <ChartList charts={items} label="Found charts" />
      <Pager start={start} limit={limit} total={metadata.total} of="charts" />
    </>
  );
}
