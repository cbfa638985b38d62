import { effect, type ReadonlySignal, signal } from '@preact/signals';
import type { Draft } from './draft.ts';
import { pendingDrafts } from './forget-draft.ts';
import { keepDraft, readKeptDraft, readKeptText, writeKeptDraft } from './kept-draft.ts';

const pauseMs = 300;

/** Keys whose kept draft is that of another tab, while nobody has chosen between the two. */
const contested = new Set<string>();

/**
 * Starts keeping a draft in the browser after each pause. Its texts may be long, so not each letter is written. The last
 * change is kept when the page is left. The tabs of a browser share the kept draft: where another tab writes a different
 * one, nothing is written over it before a person has chosen.
 * @param key of the draft in the browser
 */
export function startKeepingDraft(draft: ReadonlySignal<Draft>, key: string) {
  let seen = draft.peek();
  // A composer that ended before the choice has left its draft.
  const hasOther = signal(contested.has(key) && pendingDrafts.has(key));
  const keep = () => {
    const pending = pendingDrafts.get(key);
    if (hasOther.peek() || !pending) return;
    // Keep what cannot be written as long as the tab lives.
    if (keepDraft(pending, key)) pendingDrafts.delete(key);
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
  const compare = (text: string | null) => {
    hasOther.value = text !== null && text !== writeKeptDraft(draft.peek());
  };
  const hear = (event: StorageEvent) => {
    if (event.key === key) compare(event.newValue);
  };
  // A page to which the browser goes back as it was has heard nothing meanwhile.
  const comeBack = ({ persisted }: PageTransitionEvent) => {
    if (persisted && !pendingDrafts.has(key)) compare(readKeptText(key));
  };
  const ask = (event: Event) => {
    if (hasOther.peek() && pendingDrafts.has(key)) event.preventDefault();
  };
  addEventListener('pagehide', keep);
  addEventListener('pageshow', comeBack);
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
    /**
     * Reads the other draft, which is kept already. The caller shows it next.
     * @returns undefined for one that this release cannot read; then this draft stays, and is kept again
     */
    takeOther(): Draft | undefined {
      const other = readKeptDraft(key);
      hasOther.value = false;
      if (!other) return undefined;
      seen = other;
      pendingDrafts.delete(key);
      return other;
    },
    /** Ends it, and keeps the last change. */
    close(): void {
      stop();
      removeEventListener('pagehide', keep);
      removeEventListener('pageshow', comeBack);
      removeEventListener('storage', hear);
      removeEventListener('beforeunload', ask);
      if (hasOther.peek()) contested.add(key);
      else contested.delete(key);
      keep();
    },
  };
}
