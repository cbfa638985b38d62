/** Formats of results. */
export const formats = ['table', 'json', 'yaml', 'name'] as const;

/** Format of a result: for people, for programs, or names alone. */
export type Format = (typeof formats)[number];
