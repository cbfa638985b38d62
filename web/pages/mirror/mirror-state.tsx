import type { Mirror, MirrorFault, MirrorRun } from '@helm-registry/client';
import { Badge } from '../../parts/badge.tsx';
import { describeCount } from '../../parts/bytes.ts';
import { Fact, Facts } from '../../parts/facts.tsx';
import { Time } from '../../parts/time.tsx';
import { describeRange, describeSchedule } from './describe-mirror.ts';
import { adviseOnFault } from './fault-advice.ts';

const tones = {
  running: 'accent',
  complete: 'good',
  incomplete: 'warn',
  failed: 'danger',
  cancelled: undefined,
} as const;

/** State of a run as a mark. */
export function RunState({ state }: Pick<MirrorRun, 'state'>) {
  return <Badge tone={tones[state]}>{state}</Badge>;
}

/** Settings and state of a mirror. A fault of its newest run comes with what to do. */
export function MirrorState({ mirror }: { mirror: Mirror }) {
  const { url, charts, run, dueAt, succeededAt, hasCredentials, prune, overwrite, minAgeDays } = mirror;
  return (
    <>
      <p class="upstream">
        <span class="muted">Copied from</span> <span class="mono">{url}</span>
      </p>
      {run?.error ? <FaultNote fault={run.error} /> : null}
      <Facts>
        <Fact name="Newest run">{run ? <RunSummary run={run} /> : 'none yet'}</Fact>
        <Fact name="Next run">{run?.state === 'running' ? 'runs now' : <NextRun dueAt={dueAt} />}</Fact>
        <Fact name="As its upstream">{succeededAt === null ? 'not yet' : <Time at={succeededAt} />}</Fact>
        <Fact name="Schedule">{describeSchedule(mirror.every)}</Fact>
        <Fact name="Charts">
          <span class="mono">{charts.join(', ')}</span>
        </Fact>
        <Fact name="Versions">{describeRange(mirror)}</Fact>
        {minAgeDays > 0 ? <Fact name="Public for">{describeCount(minAgeDays, 'day')} at least</Fact> : null}
        <Fact name="Deleted upstream">
          {prune
            ? `deleted here too, ${describeCount(mirror.mostPruned, 'version')} a run at the most`
            : 'kept here'}
        </Fact>
        <Fact name="Changed upstream">{overwrite ? 'replaced here' : 'kept here as stored first'}</Fact>
        <Fact name="Credentials">{hasCredentials ? 'set' : 'none'}</Fact>
      </Facts>
    </>
  );
}

function NextRun({ dueAt }: Pick<Mirror, 'dueAt'>) {
  if (dueAt === null) return <>on request</>;
  return Date.parse(dueAt) <= Date.now() ? <>begins now</> : <Time at={dueAt} />;
}

function RunSummary({ run: { state, startedAt } }: { run: MirrorRun }) {
  return (
    <span class="row">
      <RunState state={state} /> <Time at={startedAt} />
    </span>
  );
}

/** Fault of a run or a version in its words, and what to do. */
function FaultNote({ fault }: { fault: MirrorFault }) {
  return (
    <div class="note" data-tone="danger" role="status">
      <p>{fault.message}</p>
      <p>{adviseOnFault(fault.code)}</p>
      <p class="small muted">{fault.code}</p>
    </div>
  );
}
