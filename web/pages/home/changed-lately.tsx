import { useEffect } from 'preact/hooks';
import { searchQuery } from '../../api/lists.ts';
import { useData } from '../../api/use-data.ts';
import { ChartList } from '../../parts/chart-list.tsx';
import { Data } from '../../parts/states.tsx';

/**
 * Charts that changed last, the newest first.
 * @param changes counts what this page changed; the list is loaded anew each time
 */
export function ChangedLately({ changes }: { changes: number }) {
  const found = useData(searchQuery, { query: { sort: 'updated', order: 'desc' }, page: { limit: 8 } });
  useEffect(() => {
    if (changes > 0) found.reload();
  }, [changes]);
  return (
    <section>
      <div class="row spread">
        <h2>Changed lately</h2>
        <a class="small" href="/-/search?sort=updated">
          All charts
        </a>
      </div>
      <Data data={found} lines={10}>
        {({ items }) => <ChartList charts={items} label="Changed lately" />}
      </Data>
    </section>
  );
}
