import type { FollowRun, ListedFollow } from '@helm-registry/client';
import { useSignal } from '@preact/signals';
import { pathTo } from '../../parts/address.ts';
import { Badge } from '../../parts/badge.tsx';
import { Time } from '../../parts/time.tsx';
import { FollowPanel } from './follow-panel.tsx';
import { describeRun, describeSettings, followTones, pathToRunJob, runTones } from './follow-texts.ts';

/** Row of a followed chart. It has the state, the settings in words and the last run, and unfolds to the whole follow. */
export function FollowedRow({ follow }: { follow: ListedFollow }) {
  const isOpen = useSignal(false);
  const { space, chart, settings, state, dueAt, failure, lastRun } = follow;
  return (
    <li>
      <div class="composed-text followed-text">
        <p>
          <a class="composed-name" href={pathTo('charts', space, chart)}>
            {chart}
          </a>{' '}
          <span class="small muted">in {space}</span> <Badge tone={followTones[state]}>{state}</Badge>{' '}
          {dueAt ? (
            <span class="small muted">
              composed <Time at={dueAt} />
            </span>
          ) : null}
        </p>
        <p class="small muted">{describeSettings(settings)}</p>
        {lastRun ? <LastRun run={lastRun} /> : <p class="small muted">It has composed nothing yet.</p>}
        {failure && failure.message !== (lastRun && describeRun(lastRun)) ? (
          <p class="note small" data-tone="danger">
            {failure.message}
          </p>
        ) : null}
        <details
          class="fold"
          onToggle={({ currentTarget }) => {
            isOpen.value = currentTarget.open;
          }}
        >
          <summary class="small">Settings and history</summary>
          {isOpen.value ? <FollowPanel space={space} chart={chart} /> : null}
        </details>
      </div>
    </li>
  );
}

function LastRun({ run }: { run: FollowRun }) {
  const { version, from, state, startedAt, job } = run;
  const name = version ?? from ?? '–';
  const said = describeRun(run);
  return (
    <>
      <p class="small">
        Last run:{' '}
        {job === undefined ? <span class="mono">{name}</span> : <a href={pathToRunJob(job)}>{name}</a>}{' '}
        <Badge tone={runTones[state]}>{state}</Badge>{' '}
        <span class="muted">
          <Time at={startedAt} />
        </span>
      </p>
      {said === null ? null : (
        <p class="note small" data-tone={(run.error ?? run.keepError) ? 'danger' : undefined}>
          {said}
        </p>
      )}
    </>
  );
}
