import type { Retention } from '@helm-registry/client';
import { useSignal } from '@preact/signals';
import { registry } from '../../api/registry.ts';
import { type DueVersionCounts, dueDeletionsQuery } from '../../api/retention.ts';
import { useData } from '../../api/use-data.ts';
import { announce } from '../../parts/announce.tsx';
import { Button } from '../../parts/button.tsx';
import { describeBytes, describeCount } from '../../parts/bytes.ts';
import { Confirm } from '../../parts/dialog.tsx';
import { Data } from '../../parts/states.tsx';
import { useAction } from '../../parts/use-action.ts';

/** Button that has the retention run now. It counts first what the run would delete, and asks. */
export function RunNow({
  space,
  retention: { mostDeleted },
  onDone,
}: {
  space: string;
  retention: Retention;
  onDone: () => void;
}) {
  const isAsking = useSignal(false);
  const due = useData(dueDeletionsQuery, isAsking.value ? { space, mostDeleted } : undefined);
  const run = useAction(async () => {
    await registry.space(space).retention.run();
    isAsking.value = false;
    announce('The run is open. A worker takes it within seconds.');
    onDone();
  });
  const close = () => {
    isAsking.value = false;
  };
  // A count of before says nothing about this run.
  const isCounted = due.value !== undefined && !due.isLoading && due.problem === undefined;
  return (
    <>
      <Button
        aria-haspopup="dialog"
        onClick={() => {
          isAsking.value = true;
        }}
      >
        Run now
      </Button>
      <Confirm
        title={`Run the retention of ${space} now?`}
        isOpen={isAsking.value}
        action={isCounted && due.value && !due.value.isMore ? describeAction(due.value) : 'Run now'}
        isBusy={run.isBusy || !isCounted}
        problem={run.problem}
        onConfirm={() => run.run(undefined)}
        onClose={close}
      >
        <Data data={due} lines={2}>
          {(value) => <p>{describeDue(value, mostDeleted)}</p>}
        </Data>
      </Confirm>
    </>
  );
}

function describeAction({ versions }: DueVersionCounts): string {
  return versions === 0 ? 'Run now' : `Delete ${describeCount(versions, 'version')}`;
}

function describeDue({ versions, bytes, isMore }: DueVersionCounts, mostDeleted: number): string {
  if (isMore)
    return (
      `More than ${describeCount(mostDeleted, 'version')} would go, which is more than one run may delete. ` +
      'This one would delete none. Change the rules, or what a run may delete.'
    );
  if (versions === 0) return 'These rules delete no version now.';
  const some = versions === 1 ? 'It' : 'They';
  return `${describeCount(versions, 'version')} with ${describeBytes(bytes)} would go for everybody. ${some} can be restored for a while.`;
}
