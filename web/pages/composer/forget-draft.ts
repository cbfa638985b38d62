/** Key under which the browser keeps the draft of the composer. */
export const draftKey = 'helm-registry:composer';

/** Forgets the kept draft. A log-out then leaves nothing of a recipe to the next user of the browser. */
export function forgetDraft(): void {
  try {
    localStorage.removeItem(draftKey);
  } catch {
    // There is no store, so there is nothing to forget.
  }
}
