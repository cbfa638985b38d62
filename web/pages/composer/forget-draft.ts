import type { WhoAmI } from '@helm-registry/client';
import { isKnownCaller } from '../../api/rights.ts';
import type { Draft } from './draft.ts';

/** Beginning of the keys under which the browser keeps drafts of the composer. */
const prefix = 'helm-registry:composer';

/** Drafts that are still to be written, by their keys. What is forgotten is not written afterwards. */
export const pendingDrafts = new Map<string, Draft>();

/**
 * Returns the key of a caller's draft. Each person has one of their own, since a session may end by itself, and another
 * person log in.
 */
export function draftKeyOf(me: WhoAmI | undefined): string {
  return isKnownCaller(me) ? `${prefix}:${me.kind}:${me.name}` : prefix;
}

/**
 * Forgets kept drafts. A log-out then leaves nothing of a recipe to the next user of the browser.
 * @param except key of the draft that stays
 */
export function forgetDrafts(except?: string): void {
  for (const key of [...pendingDrafts.keys()]) if (key !== except) pendingDrafts.delete(key);
  try {
    const keys = Object.keys(localStorage).filter((key) => key === prefix || key.startsWith(`${prefix}:`));
    for (const key of keys) if (key !== except) localStorage.removeItem(key);
  } catch {
    // There is no store, so there is nothing to forget.
  }
}

/**
 * Forgets kept drafts once the page is left, as the log-out leaves it. The reader may still stay, since the browser asks
 * where files are not uploaded: a question that comes later is about leaving for another reason.
 */
export function forgetDraftsOnLeaving(): void {
  let questions = 0;
  addEventListener('beforeunload', () => {
    questions += 1;
  });
  addEventListener('pagehide', () => {
    if (questions < 2) forgetDrafts();
  });
}
