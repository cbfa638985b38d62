import { useEffect, useRef } from 'preact/hooks';
import { announce } from '../../parts/announce.tsx';
import { useDebounced } from '../../parts/use-debounced.ts';
import type { Composer } from './composer-state.ts';
import { describeTreeChange } from './describe-tree-change.ts';

/** Pause after which a change is spoken: a name is typed letter by letter. */
const spokenAfterMs = 500;

/** Tells changes of the tree to readers who do not see it. */
export function useSpokenChanges(composer: Composer): void {
  const root = useDebounced(composer.draft.value.root, spokenAfterMs);
  const spoken = useRef(root);
  useEffect(() => {
    const text = describeTreeChange(spoken.current, root, composer.selected.value);
    spoken.current = root;
    if (text !== '') announce(text);
  }, [root]);
}
