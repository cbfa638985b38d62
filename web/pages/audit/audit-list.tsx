import { auditQuery } from '../../api/audit.ts';
import { useData } from '../../api/use-data.ts';
import { useAddress } from '../../parts/address.ts';
import { CursorPager } from '../../parts/cursor-pager.tsx';
import { Data, Empty } from '../../parts/states.tsx';
import { AuditFilters } from './audit-filters.tsx';
import { AuditRows } from './audit-rows.tsx';
import { auditFilterNames, readAuditFilter } from './read-filter.ts';
import './audit.css';

const limit = 50;

/** Audit of a space, or of the registry. Events show who did what, or was refused it; filters are in the address. */
export function AuditList({ space }: { space?: string }) {
  const { query, href } = useAddress();
  const { cursor } = query;
  const filter = readAuditFilter(space === undefined ? query : { ...query, space });
  const events = useData(auditQuery, { filter, limit, ...(cursor && { cursor }) });
  const isFiltered = Object.keys(filter).length > (space === undefined ? 0 : 1);
  const none = Object.fromEntries([...auditFilterNames, 'space', 'cursor'].map((name) => [name, undefined]));
  return (
    <section class="stack">
      <h2 class="unseen">Audit</h2>
      <AuditFilters hasSpace={space === undefined} clear={isFiltered ? href(none) : undefined} />
      <Data data={events} lines={10}>
        {({ items, next }) => (
          <div>
            {items.length === 0 && next === undefined ? (
              <Empty title={isFiltered ? 'No event passes these filters' : 'Nothing has happened yet'}>
                {isFiltered ? <a href={href(none)}>Show all events</a> : null}
              </Empty>
            ) : (
              <div class="card">
                <AuditRows events={items} hasSpace={space === undefined} />
              </div>
            )}
            <CursorPager cursor={cursor} next={next} of="events" />
          </div>
        )}
      </Data>
    </section>
  );
}
