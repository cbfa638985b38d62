import { effect, type ReadonlySignal, signal } from '@preact/signals';
import type { Draft } from './draft.ts';
import { pendingDrafts } from './forget-draft.ts';
import { keepDraft, readKeptDraft, writeKeptDraft } from './kept-draft.ts';

const pauseMs = 300;

/**
 * Starts keeping a draft in the browser after each pause. Its texts may be long, so not each letter is written. The last
 * change is kept when the page is left. The tabs of a browser share the kept draft: where another tab writes a different
 * one, nothing is written over it before a person has chosen.
 * @param key of the draft in the browser
 */
export function startKeepingDraft(draft: ReadonlySignal<Draft>, key: string) {
  let seen = draft.peek();
  // A composer that ended before the choice has left its draft.
  const hasOther = signal(pendingDrafts.has(key));
  const keep = () => {
    const pending = pendingDrafts.get(key);
    if (hasOther.peek() || !pending) return;
    pendingDrafts.delete(key);
    keepDraft(pending, key);
  };
  const stop = effect(() => {
    const { value } = draft;
    // A draft that nobody has changed yet is the kept one, or an empty one.
    if (value === seen) return;
    seen = value;
    pendingDrafts.set(key, value);
    const timer = setTimeout(keep, pauseMs);
    return () => clearTimeout(timer);
  });
  const hear = (event: StorageEvent) => {
    if (event.key !== key) return;
    hasOther.value = event.newValue !== null && event.newValue !== writeKeptDraft(draft.peek());
  };
  const ask = (event: Event) => {
    if (hasOther.peek() && pendingDrafts.has(key)) event.preventDefault();
  };
  addEventListener('pagehide', keep);
  addEventListener('storage', hear);
  addEventListener('beforeunload', ask);
  return {
    /** Whether another tab has written a different draft, and nobody has chosen yet. */
    hasOther,
    /** Keeps this draft in the place of the other one. */
    keepThis(): void {
      hasOther.value = false;
      pendingDrafts.set(key, draft.peek());
      keep();
    },
    /** Reads the other draft, which is kept already. The caller shows it next. */
    takeOther(): Draft | undefined {
      const other = readKeptDraft(key);
      if (other) seen = other;
      pendingDrafts.delete(key);
      hasOther.value = false;
      return other;
    },
    /** Ends it, and keeps the last change. */
    close(): void {
      stop();
      removeEventListener('pagehide', keep);
      removeEventListener('storage', hear);
      removeEventListener('beforeunload', ask);
      keep();
    },
  };
}
