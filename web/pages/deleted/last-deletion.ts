import type { VersionRef } from '@helm-registry/client';
import { signal } from '@preact/signals';

/** Version that this page has deleted last, for the offer to restore it. */
export const lastDeletion = signal<VersionRef | undefined>(undefined);

/** Number of deletions and undone ones of this page; lists of versions are loaded anew when it changes. */
export const deletionChanges = signal(0);

/** Has lists of versions loaded anew. */
export function reloadVersionLists(): void {
  deletionChanges.value += 1;
}

/** Clears the last deletion after it was undone, and has lists of versions loaded anew. */
export function clearLastDeletion(): void {
  lastDeletion.value = undefined;
  reloadVersionLists();
}
