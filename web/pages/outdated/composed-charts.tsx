import type { ComposedState } from '@helm-registry/client';
import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { Button } from '../../parts/button.tsx';
import { describeCount } from '../../parts/bytes.ts';
import { usePageActions } from '../../parts/page-actions.ts';
import { ComposedRow } from './composed-row.tsx';
import { composedVersionKeyOf, createRecompositions } from './recompositions.ts';

const steps = ['patch', 'minor', 'major'] as const;

/** Composed charts with a box each, and one button that composes all chosen ones anew. */
export function ComposedCharts({ charts }: { charts: readonly ComposedState[] }) {
  const recompositions = useMemo(() => createRecompositions(), []);
  const chosen = useSignal<ReadonlySet<string>>(new Set());
  const next = useSignal<(typeof steps)[number]>('patch');
  const picked = charts.filter((chart) => chosen.value.has(composedVersionKeyOf(chart)));
  const areAll = picked.length === charts.length;

  const choose = (keys: readonly string[], isChosen: boolean) => {
    const set = new Set(chosen.value);
    for (const key of keys) {
      if (isChosen) set.add(key);
      else set.delete(key);
    }
    chosen.value = set;
  };
  const recompose = (some: readonly ComposedState[]) => {
    recompositions.start(some, next.value);
    choose(some.map(composedVersionKeyOf), false);
  };
  usePageActions(
    [{ label: 'Compose all of this page again', run: () => recompose(charts) }],
    charts.map(composedVersionKeyOf).join(' '),
  );

  return (
    <section class="card" aria-label="Composed charts">
      <header>
        <label class="row">
          <input
            type="checkbox"
            checked={areAll}
            onChange={() => choose(charts.map(composedVersionKeyOf), !areAll)}
          />{' '}
          {picked.length === 0 ? 'All' : `${describeCount(picked.length, 'chart')} chosen`}
        </label>
        <span class="row">
          <label class="row small">
            Next version{' '}
            <select
              class="select"
              value={next.value}
              onChange={({ currentTarget: { value } }) => {
                next.value = steps.find((step) => step === value) ?? 'patch';
              }}
            >
              {steps.map((step) => (
                <option key={step} value={step}>
                  {step}
                </option>
              ))}
            </select>
          </label>
          <Button kind="primary" isBusy={picked.length === 0} onClick={() => recompose(picked)}>
            Compose {picked.length === 0 ? '' : `${picked.length} `}again
          </Button>
        </span>
      </header>
      <ul class="composed">
        {charts.map((chart) => (
          <ComposedRow
            key={composedVersionKeyOf(chart)}
            chart={chart}
            isChosen={chosen.value.has(composedVersionKeyOf(chart))}
            onChoose={(isChosen) => choose([composedVersionKeyOf(chart)], isChosen)}
            run={recompositions.runs.value.get(composedVersionKeyOf(chart))}
          />
        ))}
      </ul>
    </section>
  );
}
