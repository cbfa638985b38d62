import { effect, type ReadonlySignal } from '@preact/signals';
import type { Draft } from './draft.ts';
import { pendingDrafts } from './forget-draft.ts';
import { keepDraft } from './kept-draft.ts';

const pauseMs = 300;

/**
 * Starts keeping a draft in the browser after each pause. Its texts may be long, so not each letter is written. The last
 * change is kept when the page is left.
 * @param key of the draft in the browser
 * @returns what ends it, and keeps the last change
 */
export function startKeepingDraft(draft: ReadonlySignal<Draft>, key: string): () => void {
  let seen = draft.peek();
  const keep = () => {
    const write = pendingDrafts.get(key);
    pendingDrafts.delete(key);
    write?.();
  };
  const stop = effect(() => {
    const { value } = draft;
    // A draft that nobody has changed yet is the kept one, or an empty one.
    if (value === seen) return;
    seen = value;
    pendingDrafts.set(key, () => keepDraft(value, key));
    const timer = setTimeout(keep, pauseMs);
    return () => clearTimeout(timer);
  });
  addEventListener('pagehide', keep);
  return () => {
    stop();
    removeEventListener('pagehide', keep);
    keep();
  };
}
