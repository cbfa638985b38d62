import type { Expression } from './parse-pipeline.ts';
import type { Guard, ValueRead } from './template-notes.ts';

/** The meaning of an expression, as far as it concerns values. */
export type Meaning =
  | { kind: 'context' }
  /** A value of the chart; `needs` as in a {@link ValueRead}. */
  | { kind: 'values'; path: string[]; needs: number }
  | { kind: 'unknown' };

export const unknown: Meaning = { kind: 'unknown' };

/** Names of an expression's surroundings. */
export interface Scope {
  dot: Meaning;
  variables: ReadonlyMap<string, Meaning>;
  guards: readonly Guard[];
}

/** Told of each read and each include, in their order. */
export interface Listener {
  read(read: Omit<ValueRead, 'file'>): void;
  include(name: string, line: number): void;
}

/** Listener for a caller who wants the meaning alone. */
export const silent: Listener = { read: () => undefined, include: () => undefined };

/** Finds what an expression stands for, and tells the listener of the reads inside it. */
export type FindMeaning = (value: Expression, scope: Scope, listener: Listener) => Meaning;
