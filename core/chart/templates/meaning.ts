import type { Expression } from './parse-pipeline.ts';
import type { ValueGuard, ValueRead } from './template-notes.ts';

/** Meaning of an expression, as far as it concerns values. */
export type Meaning =
  /** The context of the chart, or of one that `.Subcharts` leads to by these names. */
  | { kind: 'context'; charts: readonly string[] }
  /** The map of the subcharts of that chart: `.Subcharts`. */
  | { kind: 'subcharts'; charts: readonly string[] }
  /** Data that a named template gets in the context's place, or inside a map or a list: it may be the context. */
  | { kind: 'argument' }
  /** A value of the chart; `needs` and `charts` as in a {@link ValueRead}. */
  | ValueMeaning
  | { kind: 'unknown' };

/** Meaning of an expression that is a value of the chart. */
export interface ValueMeaning {
  kind: 'values';
  path: string[];
  needs: number;
  charts?: number;
}

/** Meaning of an expression that is not about values, or cannot be determined. */
export const unknownMeaning: Meaning = { kind: 'unknown' };

/** Context, variables and guards at an expression's place. */
export interface TemplateScope {
  dot: Meaning;
  variables: ReadonlyMap<string, Meaning>;
  guards: readonly ValueGuard[];
}

/** Receives each read and each include, in their order. */
export interface ReadListener {
  read(read: Omit<ValueRead, 'file'>): void;
  /** @param getsContext whether its argument is the context of the chart, or may have it inside */
  include(name: string, line: number, getsContext: boolean): void;
}

/** Listener for callers that need only the meaning. */
export const silentListener: ReadListener = { read: () => undefined, include: () => undefined };

/** Finds the meaning of an expression, and reports the reads inside it to the listener. */
export type FindMeaning = (value: Expression, scope: TemplateScope, listener: ReadListener) => Meaning;
