/** Outcomes of a version of a mirror. They import nothing, so that a test can compare them with those of the server. */
export const versionOutcomes = [
  'stored',
  'replaced',
  'changed',
  'failed',
  'skipped',
  'gone',
  'pruned',
] as const;
