import { followsQuery } from '../../api/outdated.ts';
import { useData } from '../../api/use-data.ts';
import { useAddress } from '../../parts/address.ts';
import { CursorPager } from '../../parts/cursor-pager.tsx';
import { readKnownWord } from '../../parts/read-query.ts';
import { Data, Empty } from '../../parts/states.tsx';
import { FollowedRow } from './followed-row.tsx';

const limit = 25;

const states = ['failed', 'due', 'running', 'current'] as const;

/** Charts that follow their sources, those that have failed first. The address has the chosen state. */
export function FollowedCharts() {
  const { query, href, change } = useAddress();
  const { space, cursor } = query;
  const state = readKnownWord(states, query.follow);
  const follows = useData(followsQuery, {
    filter: { ...(state && { state }), ...(space && { space }) },
    ...(cursor && { cursor }),
    limit,
  });
  return (
    <>
      <label class="row small">
        State{' '}
        <select
          class="select"
          value={state ?? ''}
          onChange={({ currentTarget: { value } }) => change({ follow: value, cursor: undefined })}
        >
          <option value="">all, failed first</option>
          {states.map((each) => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </select>
      </label>
      {follows.problem?.code === 'request.invalid' && cursor ? (
        <p>
          <a href={href({ cursor: undefined })}>Go to the first page</a>
        </p>
      ) : null}
      <Data data={follows} lines={8}>
        {({ items, next }) => (
          <>
            {items.length === 0 && next === undefined ? (
              <Empty title={state ? `No follow is ${state}` : 'No chart follows its sources'}>
                <p>
                  {state
                    ? 'Choose another state to see the others.'
                    : 'A chart appears here once its recipe has save.follow, or somebody follows its sources on the other tabs.'}
                </p>
              </Empty>
            ) : (
              <section class="card" aria-label="Followed charts">
                <ul class="composed">
                  {items.map((follow) => (
                    <FollowedRow key={`${follow.space}/${follow.chart}`} follow={follow} />
                  ))}
                </ul>
              </section>
            )}
            <CursorPager cursor={cursor} next={next} of="followed charts" />
          </>
        )}
      </Data>
    </>
  );
}
