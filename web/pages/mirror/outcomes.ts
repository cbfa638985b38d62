/** Outcomes of a version of a mirror. */
export const outcomes = ['stored', 'replaced', 'changed', 'failed', 'skipped', 'gone', 'pruned'] as const;
