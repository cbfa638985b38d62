import type { ErrorCode } from '../errors.ts';

/** Origin of a text, for its error messages, with the budget for reading it. */
export interface YamlSource {
  /** Path of the file in the archive. */
  file: string;
  /** Code of the errors that the text may cause. */
  code: ErrorCode;
  /** Remaining budget, shared with other texts; absent for a new budget for each text. */
  budget?: YamlBudget;
}

/** Amount of YAML that may still be read, each use of an alias counted. Shared by all files of an archive. */
export interface YamlBudget {
  /** UTF-16 units of text, comments included. */
  text: number;
  /** Number of maps, lists, keys and scalars. */
  nodes: number;
  /** UTF-16 units of keys and scalars. */
  units: number;
}

/**
 * Creates the budget of one archive. The budget is far more than the largest chart in use needs, and too little to
 * exhaust memory.
 */
export function createYamlBudget(): YamlBudget {
  return { text: 8 * 1024 * 1024, nodes: 150_000, units: 32 * 1024 * 1024 };
}

/** Fault of a YAML text with the offset at which the parser found it. */
export class YamlProblem extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.name = 'YamlProblem';
    this.offset = offset;
  }
}
