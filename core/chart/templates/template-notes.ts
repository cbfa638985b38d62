import type { Json } from '../../yaml/json.ts';

/** A condition on values under which a read happens. */
export interface ValueGuard {
  path: string[];
  /** Whether the path names a subchart that must be there, rather than a value. */
  chart?: true;
  /** Whether the value must be false in Go's sense, rather than true. */
  not?: true;
  /** Value that the read value must equal, or with `not` differ from. */
  equals?: Json;
}

/** A place where a template reads a value of its chart. */
export interface ValueRead {
  /** Keys below `.Values`. */
  path: string[];
  file: string;
  line: number;
  /** Number of leading keys that must lead to a map, or rendering fails; by default all but the last. */
  needs?: number;
  /** Number of leading keys that are names of subcharts which must be there (`.Subcharts.NAME.Values`), or rendering fails. */
  charts?: number;
  /** Name of the definition that it stands in; none for the file's own text. */
  within?: string;
  /** Value used if the read value is absent. */
  fallback?: Json;
  /** Whether the value only decides something, and is not shown. */
  decides?: true;
  guards?: ValueGuard[];
}

/** A named template that a file defines. */
export interface DefinedTemplate {
  name: string;
  file: string;
  /** Digest of its text without comments; empty for an empty definition, which replaces no other in Go. */
  digest: string;
  /** Names that it includes with its own context. */
  includes?: string[];
}

/** A template's name with the first place that includes it. */
export interface IncludedTemplate {
  name: string;
  file: string;
  line: number;
  /** Whether it never gets the context of the chart, only data or the context of a subchart. */
  withoutContext?: true;
}

/** Definitions, includes and reads of a chart's own templates; stored with the chart's outline. */
export interface TemplateNotes {
  defined: DefinedTemplate[];
  /** Included names, each with its first place. */
  included: IncludedTemplate[];
  reads: ValueRead[];
}
