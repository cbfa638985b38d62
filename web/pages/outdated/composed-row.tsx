import type { ComposedState } from '@helm-registry/client';
import { useSignal } from '@preact/signals';
import { pathTo } from '../../parts/address.ts';
import { JobProgress } from '../../parts/job-progress.tsx';
import { Problem } from '../../parts/states.tsx';
import { FollowPanel } from './follow-panel.tsx';
import type { RecompositionState } from './recompositions.ts';
import { SourceChanges } from './source-changes.tsx';

/**
 * Row of a composed chart. The row has a box, what changed in its sources, how it is composed anew, and the follow when
 * unfolded.
 */
export function ComposedRow({
  chart,
  isChosen,
  onChoose,
  run,
}: {
  chart: ComposedState;
  isChosen: boolean;
  onChoose: (isChosen: boolean) => void;
  run: RecompositionState | undefined;
}) {
  const isOpen = useSignal(false);
  const { space, chart: name, version } = chart;
  return (
    <li>
      <input
        type="checkbox"
        aria-label={`Choose ${name} ${version}`}
        checked={isChosen}
        onChange={({ currentTarget }) => onChoose(currentTarget.checked)}
      />
      <div class="composed-text">
        <p>
          <a class="composed-name" href={pathTo('charts', space, name, version)}>
            {name}
          </a>{' '}
          <span class="mono muted">{version}</span> <span class="small muted">in {space}</span>
        </p>
        <SourceChanges chart={chart} />
        {run ? <RecompositionProgress run={run} /> : null}
        <details
          class="fold"
          onToggle={({ currentTarget }) => {
            isOpen.value = currentTarget.open;
          }}
        >
          <summary class="small">Follow its sources</summary>
          {isOpen.value ? <FollowPanel space={space} chart={name} /> : null}
        </details>
      </div>
    </li>
  );
}

function RecompositionProgress({ run: { job, problem } }: { run: RecompositionState }) {
  if (problem) return <Problem problem={problem} />;
  if (!job) return <p class="small muted">Is sent …</p>;
  return (
    <p class="row small">
      <a href={pathTo('jobs', job.id)}>{job.version}</a> <JobProgress job={job} />
      {job.error ? <span>{job.error.message}</span> : null}
    </p>
  );
}
