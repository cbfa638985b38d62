import type { Expression } from './parse-pipeline.ts';
import type { ValueGuard, ValueRead } from './template-notes.ts';

/** Meaning of an expression, as far as it concerns values. */
export type Meaning =
  | { kind: 'context' }
  /** A value of the chart; `needs` as in a {@link ValueRead}. */
  | { kind: 'values'; path: string[]; needs: number }
  | { kind: 'unknown' };

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
  include(name: string, line: number): void;
}

/** Listener for callers that need only the meaning. */
export const silentListener: ReadListener = { read: () => undefined, include: () => undefined };

/** Finds the meaning of an expression, and reports the reads inside it to the listener. */
export type FindMeaning = (value: Expression, scope: TemplateScope, listener: ReadListener) => Meaning;
