import { isFinal, type Job } from '@helm-registry/client';
import { useSignal } from '@preact/signals';
import { useLocation } from 'preact-iso';
import { registry } from '../../api/registry.ts';
import { pathTo, pathToComposer } from '../../parts/address.ts';
import { Button } from '../../parts/button.tsx';
import { Confirm } from '../../parts/dialog.tsx';
import { Problem } from '../../parts/states.tsx';
import { useAction } from '../../parts/use-action.ts';

/** Buttons of a job: to its chart, cancel, change the recipe, compose again. */
export function JobActions({ job, reload }: { job: Job; reload: () => void }) {
  const { route } = useLocation();
  const isAsking = useSignal(false);
  const cancel = useAction(async () => {
    isAsking.value = false;
    // Also after a refusal: the job may be over already.
    await registry.jobs.cancel(job.id).finally(reload);
  });
  const again = useAction(async () => route(pathTo('jobs', await composeAgain(job))));
  const problem = cancel.problem ?? again.problem;
  const { space, chart, version } = job;
  return (
    <div class="job-actions">
      <div class="row">
        {job.result ? (
          <a class="button" data-kind="primary" href={pathTo('charts', space, chart, version)}>
            Open the chart
          </a>
        ) : null}
        {isFinal(job) ? (
          <a
            class="button"
            href={pathToComposer(job.result ? { from: `${space}/${chart}/${version}` } : { job: job.id })}
          >
            Change the recipe
          </a>
        ) : null}
        {isFinal(job) ? (
          <Button isBusy={again.isBusy} onClick={() => again.run(undefined)}>
            {job.result ? 'Compose the next version' : 'Compose again'}
          </Button>
        ) : (
          <Button
            kind="danger"
            isBusy={cancel.isBusy}
            onClick={() => {
              isAsking.value = true;
            }}
          >
            Cancel the job
          </Button>
        )}
      </div>
      {problem ? <Problem problem={problem} /> : null}
      <Confirm
        title={`Cancel ${chart} ${version}?`}
        isOpen={isAsking.value}
        action="Cancel the job"
        onConfirm={() => cancel.run(undefined)}
        onClose={() => {
          isAsking.value = false;
        }}
      >
        <p>The recipe is not composed. It can be sent again.</p>
      </Confirm>
    </div>
  );
}

/** Sends the recipe of a job again. A job that succeeded gets the next version of its chart. @returns id of the new job */
async function composeAgain({ id, space, chart, version, result }: Job): Promise<string> {
  const handle = result
    ? await registry.space(space).chart(chart).version(version).recompose({ next: 'patch' })
    : await registry.compose(space, await registry.jobs.recipe(id));
  return handle.id;
}
