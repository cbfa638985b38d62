import { useEffect, useMemo, useState } from 'preact/hooks';
import { whoAmIQuery } from '../../api/lists.ts';
import { type RequestProblem, toProblem } from '../../api/problem.ts';
import { useData } from '../../api/use-data.ts';
import { useAddress } from '../../parts/address.ts';
import { Problem, Skeleton } from '../../parts/states.tsx';
import { useTitle } from '../../parts/use-title.ts';
import { type Composer, createComposer } from './composer-state.ts';
import { ComposerView } from './composer-view.tsx';
import { draftKeyOf } from './forget-draft.ts';
import { loadDraft } from './load-draft.ts';
import './composer.css';

/** Page on which a recipe is put together, tried with each change, and composed. */
export function ComposerPage() {
  useTitle('Compose');
  const me = useData(whoAmIQuery, 'me');
  // Not before the registry has said who it is now: the draft of somebody else would show.
  const draftKey = me.isLoading ? undefined : draftKeyOf(me.problem?.status === 401 ? undefined : me.value);
  return (
    <>
      <h1 tabIndex={-1}>Compose a chart</h1>
      <p class="muted composer-intro">
        Put charts of the registry together under one name. Each change is tried at once; nothing is stored
        before you compose.
      </p>
      {draftKey === undefined ? (
        <Skeleton lines={10} />
      ) : (
        <ComposerOfDraftKey key={draftKey} draftKey={draftKey} />
      )}
    </>
  );
}

/** Composer with the draft of a caller. */
function ComposerOfDraftKey({ draftKey }: { draftKey: string }) {
  const composer = useMemo(() => createComposer(draftKey), [draftKey]);
  const fault = useDraftOfAddress(composer);
  useEffect(() => composer.close, [composer]);
  return (
    <>
      {fault && <Problem problem={fault} />}
      <ComposerView composer={composer} />
    </>
  );
}

/**
 * Loads the draft that the address names, and takes that out of the address. A reload then keeps what was changed, and
 * what could not be loaded can be asked for again.
 */
function useDraftOfAddress(composer: Composer): RequestProblem | undefined {
  const [fault, setFault] = useState<RequestProblem>();
  const { query, change } = useAddress();
  const { from, job, add } = query;
  useEffect(() => {
    if (from === undefined && job === undefined && add === undefined) return;
    const abort = new AbortController();
    setFault(undefined);
    loadDraft(composer, { from, job, add }, abort.signal)
      .then(() => undefined, toProblem)
      .then((problem) => {
        if (abort.signal.aborted) return;
        setFault(problem);
        change({ from: undefined, job: undefined, add: undefined }, { replace: true });
      });
    return () => abort.abort();
  }, [composer, from, job, add]);
  return fault;
}
