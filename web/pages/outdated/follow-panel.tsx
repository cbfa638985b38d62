import { followQuery } from '../../api/outdated.ts';
import { registry } from '../../api/registry.ts';
import { useData } from '../../api/use-data.ts';
import { Badge } from '../../parts/badge.tsx';
import { Button } from '../../parts/button.tsx';
import { Problem, Skeleton } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { useAction } from '../../parts/use-action.ts';
import { FollowForm } from './follow-form.tsx';
import { FollowRuns } from './follow-runs.tsx';
import { followTones } from './follow-texts.ts';

/** Follow of a chart: its state, settings and history, or the form that begins it. */
export function FollowPanel({ space, chart }: { space: string; chart: string }) {
  const follow = useData(followQuery, { space, chart });
  const { value, problem } = follow;
  const isNone = problem?.code === 'follow.notFound';
  const end = useAction(async () => {
    await registry.space(space).chart(chart).follow.end();
    follow.reload();
  });
  if (problem && !isNone) return <Problem problem={problem} retry={follow.reload} />;
  if (!value && !isNone) return <Skeleton lines={3} />;
  const current = isNone ? undefined : value;
  return (
    <div class="stack">
      {current ? (
        <div class="row">
          <Badge tone={followTones[current.state]}>{current.state}</Badge>
          {current.dueAt ? (
            <span class="small muted">
              composed <Time at={current.dueAt} />
            </span>
          ) : null}
          {current.author === undefined ? null : (
            <span class="small muted">with the rights of {current.author}</span>
          )}
        </div>
      ) : (
        <p class="muted small">
          No follow is set: when a source changes, the chart stays as it is until somebody composes it again.
        </p>
      )}
      {current?.failure ? (
        <p class="note" data-tone="danger">
          {current.failure.message}
        </p>
      ) : null}
      <FollowForm space={space} chart={chart} settings={current?.settings} onDone={follow.reload} />
      {current ? (
        <>
          <FollowRuns runs={current.runs} />
          <div>
            <Button size="small" kind="danger" isBusy={end.isBusy} onClick={() => end.run(undefined)}>
              End the follow and its history
            </Button>
          </div>
        </>
      ) : null}
      {end.problem ? <Problem problem={end.problem} /> : null}
    </div>
  );
}
