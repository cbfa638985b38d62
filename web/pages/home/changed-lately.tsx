import { searchQuery } from '../../api/lists.ts';
import { useData } from '../../api/use-data.ts';
import { pathTo } from '../../parts/address.ts';
import { Data } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';

/** Charts that changed last, the newest first. */
export function ChangedLately() {
  const found = useData(searchQuery, { sort: 'updated', order: 'desc', limit: 6 });
  return (
    <section class="card">
      <header>
        <h2>Changed lately</h2>
        <a class="small" href="/-/search?sort=updated">
          All
        </a>
      </header>
      <Data data={found} lines={6}>
        {({ items }) => (
          <ul class="side-list">
            {items.map(({ space, name, latest, updatedAt }) => (
              <li key={`${space}/${name}`}>
                <span>
                  <a href={pathTo('spaces', space, 'charts', name)}>{name}</a>{' '}
                  <span class="mono muted">{latest.version}</span>
                </span>
                <span class="small muted">
                  <Time at={updatedAt} />
                </span>
              </li>
            ))}
          </ul>
        )}
      </Data>
    </section>
  );
}
