import { useEffect, useMemo, useState } from 'preact/hooks';
import { useAddress } from '../../parts/address.ts';
import { useTitle } from '../../parts/use-title.ts';
import { type Composer, createComposer } from './composer-state.ts';
import { ComposerView } from './composer-view.tsx';
import { loadDraft } from './load-draft.ts';
import './composer.css';

/** Page on which a recipe is put together, tried with each change, and composed. */
export function ComposerPage() {
  const composer = useMemo(() => createComposer(), []);
  const fault = useDraftOfAddress(composer);
  useTitle('Compose');
  useEffect(() => composer.close, [composer]);
  return (
    <>
      <h1 tabIndex={-1}>Compose a chart</h1>
      <p class="muted composer-intro">
        Put charts of the registry together under one name. Each change is tried at once; nothing is stored
        before you compose.
      </p>
      {fault && (
        <p class="note" data-tone="danger" role="alert">
          {fault}
        </p>
      )}
      <ComposerView composer={composer} />
    </>
  );
}

/** Loads the draft that the address names, and takes that out of the address, so that a reload keeps what was changed. */
function useDraftOfAddress(composer: Composer): string | undefined {
  const [fault, setFault] = useState<string>();
  const { query, change } = useAddress();
  const { from, job, add } = query;
  useEffect(() => {
    if (from === undefined && job === undefined && add === undefined) return;
    const abort = new AbortController();
    loadDraft(composer, { from, job, add }, abort.signal).then(
      () => {
        setFault(undefined);
        if (!abort.signal.aborted)
          change({ from: undefined, job: undefined, add: undefined }, { replace: true });
      },
      (error: unknown) => {
        if (!abort.signal.aborted) setFault(error instanceof Error ? error.message : String(error));
      },
    );
    return () => abort.abort();
  }, [composer, from, job, add]);
  return fault;
}
