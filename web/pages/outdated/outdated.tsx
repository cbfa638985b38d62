import type { ComposedState } from '@helm-registry/client';
import { outdatedQuery } from '../../api/outdated.ts';
import { useData } from '../../api/use-data.ts';
import { useAddress } from '../../parts/address.ts';
import { CursorPager } from '../../parts/cursor-pager.tsx';
import { readKnownWord } from '../../parts/read-query.ts';
import { Data, Empty } from '../../parts/states.tsx';
import { Tabs, useTab } from '../../parts/tabs.tsx';
import { useTitle } from '../../parts/use-title.ts';
import { ComposedCharts } from './composed-charts.tsx';
import { FollowedCharts } from './followed-charts.tsx';
import './outdated.css';

const limit = 25;

const tabs = [
  { id: 'outdated', label: 'Out of date' },
  { id: 'newer', label: 'Newer releases' },
  { id: 'current', label: 'Up to date' },
  { id: 'follows', label: 'Followed charts' },
];

const emptyTexts: Readonly<Record<string, { title: string; text: string }>> = {
  outdated: {
    title: 'Everything is up to date',
    text: 'A composed chart appears here once its recipe would be resolved to another version of a source.',
  },
  newer: {
    title: 'No newer releases',
    text: 'Charts whose sources have releases that their recipes do not allow appear here.',
  },
  current: { title: 'No composed charts', text: 'Charts that are composed by recipes appear here.' },
};

/**
 * Composed charts by state. The page shows what can be composed anew, one or many at once, and what follows its
 * sources.
 */
export function Outdated() {
  useTitle('Out of date');
  const tab = useTab(tabs, 'state') ?? 'outdated';
  const state = readKnownWord(['outdated', 'newer', 'current'] as const, tab);
  return (
    <section class="stack">
      <div>
        <h1>Out of date</h1>
        <p class="muted small">
          {state
            ? 'The highest composed version of each chart, and what its sources are now.'
            : 'Charts that are composed anew by themselves when a source changes.'}
        </p>
      </div>
      <Tabs label="States of composed charts" tabs={tabs} parameter="state" drops={['cursor', 'follow']} />
      {state ? <ComposedChartsInState state={state} /> : <FollowedCharts />}
    </section>
  );
}

function ComposedChartsInState({ state }: { state: ComposedState['state'] }) {
  const { query, href } = useAddress();
  const { space, cursor } = query;
  const composed = useData(outdatedQuery, {
    filter: { state, ...(space && { space }) },
    ...(cursor && { cursor }),
    limit,
  });
  return (
    <>
      {composed.problem?.code === 'request.invalid' && cursor ? (
        <p>
          <a href={href({ cursor: undefined })}>Go to the first page</a>
        </p>
      ) : null}
      <Data data={composed} lines={8}>
        {({ items, next }) => (
          <>
            {items.length === 0 && next === undefined ? (
              <Empty title={emptyTexts[state]?.title ?? ''}>
                <p>{emptyTexts[state]?.text}</p>
              </Empty>
            ) : (
              <ComposedCharts key={`${state} ${cursor}`} charts={items} />
            )}
            <CursorPager cursor={cursor} next={next} of="composed charts" />
          </>
        )}
      </Data>
    </>
  );
}
