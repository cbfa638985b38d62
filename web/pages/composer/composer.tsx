import { useEffect, useMemo, useState } from 'preact/hooks';
import { useRoute } from 'preact-iso';
import { useTitle } from '../../parts/use-title.ts';
import { type Composer, createComposer } from './composer-state.ts';
import { ComposerView } from './composer-view.tsx';
import { loadDraft } from './load-draft.ts';
import './composer.css';

/** Page on which a recipe is put together, tried with each change, and composed. */
export function ComposerPage() {
  const { query } = useRoute();
  const composer = useMemo(() => createComposer(), []);
  const fault = useDraftOfAddress(composer, query);
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

/** Loads the draft that the address names: `from=SPACE/CHART/VERSION`, or `add=SPACE/CHART`. @returns a fault */
function useDraftOfAddress(composer: Composer, query: Record<string, string>): string | undefined {
  const [fault, setFault] = useState<string>();
  const { from, add } = query;
  useEffect(() => {
    if (from === undefined && add === undefined) return;
    const abort = new AbortController();
    loadDraft(composer, { from, add }, abort.signal).then(
      () => setFault(undefined),
      (error: unknown) => {
        if (!abort.signal.aborted) setFault(error instanceof Error ? error.message : String(error));
      },
    );
    return () => abort.abort();
  }, [composer, from, add]);
  return fault;
}
