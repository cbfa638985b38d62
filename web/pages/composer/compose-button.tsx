import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { type RequestProblem, toProblem } from '../../api/problem.ts';
import { Button } from '../../parts/button.tsx';
import { Problem } from '../../parts/states.tsx';
import { compose } from './composer-api.ts';
import type { Composer } from './composer-state.ts';
import type { DryRunState } from './dry-run.ts';
import { isVersionTaken } from './result-panel.tsx';
import { composeKey } from './use-compose-key.ts';

/** Button that composes the recipe. The button leads to its job or, when that is over at once, to the new chart. */
export function ComposeButton({ composer, state }: { composer: Composer; state: DryRunState }) {
  const { route } = useLocation();
  const [isSending, setSending] = useState(false);
  const [fault, setFault] = useState<RequestProblem>();
  const { result, problem, isRunning } = state;
  const isReady = result !== undefined && !isVersionTaken(result) && problem === undefined && !isRunning;

  const send = async () => {
    setSending(true);
    setFault(undefined);
    try {
      const { recipe } = composer.recipe.value;
      const job = await compose(composer.draft.value.space, recipe);
      const { space, chart, version } = job;
      route(
        job.state === 'succeeded'
          ? `/-/charts/${[space, chart, version].map(encodeURIComponent).join('/')}`
          : `/-/jobs/${job.id}`,
      );
    } catch (error) {
      setFault(toProblem(error));
    } finally {
      setSending(false);
    }
  };
  return (
    <div class="compose">
      <Button
        kind="primary"
        isBusy={isSending}
        disabled={!isReady}
        onClick={send}
        aria-keyshortcuts={composeKey}
        title="Ctrl+Enter"
      >
        {isSending ? 'Composing…' : 'Compose'}
      </Button>
      {fault && <Problem problem={fault} />}
    </div>
  );
}
