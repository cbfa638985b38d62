import { spacesQuery } from '../../api/lists.ts';
import type { Page, SpaceDetails } from '../../api/shapes.ts';
import { useData } from '../../api/use-data.ts';
import { useAddress } from '../../parts/address.ts';
import { describeCount } from '../../parts/bytes.ts';
import { Pager, readStart } from '../../parts/pager.tsx';
import { Data } from '../../parts/states.tsx';
import { useTitle } from '../../parts/use-title.ts';
import { SpaceCharts } from '../space/space-charts.tsx';
import { ChangedLately } from './changed-lately.tsx';
import { FirstSteps } from './first-steps.tsx';
import { OutdatedCharts } from './outdated-charts.tsx';
import { RunningJobs } from './running-jobs.tsx';
import { SpaceRows } from './space-rows.tsx';
import './home.css';

const limit = 25;

/** First page: spaces, or the charts of the only one; what changed, what runs, what is out of date. */
export function Home() {
  useTitle('Charts');
  const { query } = useAddress();
  const start = readStart(query.start);
  const sorted = readSort(query);
  const spaces = useData(spacesQuery, { start, limit, ...sorted });
  return (
    <Data data={spaces} lines={12}>
      {(page) =>
        page.metadata.total === 0 ? (
          <FirstSteps />
        ) : (
          <div class="home">
            <section class="stack">
              <MainList page={page} sorted={sorted} start={start} />
            </section>
            <aside class="stack" aria-label="What happens">
              <RunningJobs />
              <ChangedLately />
              <OutdatedCharts />
            </aside>
          </div>
        )
      }
    </Data>
  );
}

type SpaceSort = { sort: string; order: 'asc' | 'desc' };

function MainList({ page, sorted, start }: { page: Page<SpaceDetails>; sorted: SpaceSort; start: number }) {
  const [only] = page.items;
  const { total } = page.metadata;
  if (total === 1 && only)
    return (
      <>
        <h1>Charts</h1>
        <SpaceCharts space={only.name} />
      </>
    );
  const charts = page.items.reduce((sum, space) => sum + space.charts, 0);
  return (
    <>
      <div class="row spread">
        <h1>Spaces</h1>
        <p class="muted small">
          {describeCount(total, 'space')}
          {page.items.length === total ? `, ${describeCount(charts, 'chart')}` : ''}
        </p>
      </div>
      <SpaceRows spaces={page.items} sorted={sorted} />
      <Pager start={start} limit={limit} total={total} of="spaces" />
    </>
  );
}

function readSort(query: Readonly<Record<string, string>>): SpaceSort {
  const { sort = 'name', order } = query;
  return { sort, order: order === 'desc' ? 'desc' : 'asc' };
}
