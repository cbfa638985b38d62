import { RegistryError } from '@helm-registry/client';
import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { compose } from './composer-api.ts';
import type { Composer } from './composer-state.ts';
import type { DryRunState } from './dry-run.ts';

/** Button that composes the recipe, and leads to its job or, when that is over at once, to the new chart. */
export function ComposeButton({ composer, state }: { composer: Composer; state: DryRunState }) {
  const { route } = useLocation();
  const [isSending, setSending] = useState(false);
  const [fault, setFault] = useState<RegistryError>();
  const isReady = state.result !== undefined && state.error === undefined && !state.isRunning;

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
      setFault(
        error instanceof RegistryError
          ? error
          : new RegistryError(0, { message: String(error), code: 'network.failed' }, undefined),
      );
    } finally {
      setSending(false);
    }
  };
  return (
    <div class="compose">
      <button type="button" class="primary" disabled={!isReady || isSending} onClick={send}>
        {isSending ? 'Composing…' : 'Compose'}
      </button>
      {fault && (
        <p class="problem" role="alert">
          {fault.message} {fault.requestId && <span class="hint">Request {fault.requestId}</span>}
        </p>
      )}
    </div>
  );
}
