import type { Page, SpaceDetails } from '@helm-registry/client';
import { useSignal } from '@preact/signals';
import { spacesQuery, whoAmIQuery } from '../../api/lists.ts';
import { createQuery } from '../../api/query.ts';
import { useData } from '../../api/use-data.ts';
import { pathTo, useAddress } from '../../parts/address.ts';
import { BeyondEnd } from '../../parts/beyond-end.tsx';
import { describeCount } from '../../parts/bytes.ts';
import { Pager } from '../../parts/pager.tsx';
import { Data } from '../../parts/states.tsx';
import { useTitle } from '../../parts/use-title.ts';
import { SpaceCharts } from '../space/space-charts.tsx';
import { mayUpload } from '../upload/may-upload.ts';
import { UploadFold } from '../upload/upload-fold.tsx';
import { ChangedLately } from './changed-lately.tsx';
import { NewSpace } from './new-space.tsx';
import { OutdatedCharts } from './outdated-charts.tsx';
import { readSpacesInput, startOfSpaces } from './read-spaces.ts';
import { RunningJobs } from './running-jobs.tsx';
import { SpaceRows } from './space-rows.tsx';
import './home.css';

// An empty registry alone shows them.
const firstStepsQuery = createQuery(async (_: 'steps') => {
  const { FirstSteps } = await import('./first-steps.tsx');
  return { FirstSteps };
});

/** First page: spaces, or charts of the only one. The page shows what changed, what runs, what is out of date. */
export function Home() {
  useTitle('Charts');
  const { query } = useAddress();
  const wanted = readSpacesInput(query);
  const { filter: sorted, page } = wanted;
  const { start, limit } = page;
  const spaces = useData(spacesQuery, wanted);
  const { value } = spaces;
  const { value: me } = useData(whoAmIQuery, 'me');
  const changes = useSignal(0);
  const isEmpty = value?.total === 0;
  const steps = useData(firstStepsQuery, isEmpty ? 'steps' : undefined);
  if (isEmpty)
    return (
      <Data data={steps} lines={12}>
        {({ FirstSteps }) => <FirstSteps onDone={spaces.reload} />}
      </Data>
    );
  return (
    <div class="home">
      <section class="stack">
        <div class="row spread">
          <h1>Charts</h1>
          <div class="row home-tools">
            <p class="muted small">{value && describePage(value)}</p>
            <NewSpace />
          </div>
        </div>
        <UploadFold
          isOffered={value !== undefined && mayUpload(me)}
          proposed={value?.items.find(({ mirror }) => !mirror)?.name}
          onDone={() => {
            changes.value += 1;
            spaces.reload();
          }}
        />
        <Data data={spaces} lines={12}>
          {({ items, total }) =>
            total === 1 && items[0] ? (
              <div class="stack">
                <SpaceCharts space={items[0].name} changes={changes.value} mayFill={!items[0].mirror} />
                <p class="small">
                  <a href={pathTo('spaces', items[0].name)}>All about the space {items[0].name}</a>
                </p>
              </div>
            ) : items.length === 0 ? (
              <BeyondEnd of="spaces" parameter={startOfSpaces} />
            ) : (
              <div class="stack">
                <div>
                  <SpaceRows spaces={items} sorted={sorted} />
                  <Pager start={start} limit={limit} total={total} parameter={startOfSpaces} of="spaces" />
                </div>
                <ChangedLately changes={changes.value} />
              </div>
            )
          }
        </Data>
      </section>
      <aside class="stack" aria-label="What happens">
        <RunningJobs />
        <OutdatedCharts />
      </aside>
    </div>
  );
}

function describePage({ items, total }: Page<SpaceDetails>): string {
  const charts = items.reduce((sum, space) => sum + space.charts, 0);
  return items.length === total
    ? `${describeCount(charts, 'chart')} in ${describeCount(total, 'space')}`
    : describeCount(total, 'space');
}
