import type { Json } from '../../yaml/json.ts';

/** A condition on values under which a read happens. */
export interface Guard {
  path: string[];
  /** Whether the value has to be false in Go's sense, instead of true. */
  not?: true;
  /** The value has to equal this, or with `not` to differ from it. */
  equals?: Json;
}

/** A place where a template reads a value of its chart. */
export interface ValueRead {
  /** Keys below `.Values`. */
  path: string[];
  file: string;
  line: number;
  /** Leading keys that have to lead to a map, or rendering fails; all but the last where it is left out. */
  needs?: number;
  /** The value that takes its place where it is absent. */
  fallback?: Json;
  /** Whether it only decides about something, and is not shown. */
  decides?: true;
  guards?: Guard[];
}

/** A named template that a file defines. */
export interface DefinedTemplate {
  name: string;
  file: string;
  /** Digest of its text without comments; empty where nothing is in it, which replaces no other in Go. */
  digest: string;
}

export interface IncludedTemplate {
  name: string;
  file: string;
  line: number;
}

/** The statements of a chart's own templates that matter to whoever takes the chart apart. */
export interface TemplateNotes {
  defined: DefinedTemplate[];
  /** Names that are included, each with its first place. */
  included: IncludedTemplate[];
  reads: ValueRead[];
}
