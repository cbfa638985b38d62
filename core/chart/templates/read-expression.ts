import { addGuards, findGuards } from './find-guards.ts';
import {
  type Meaning,
  type ReadListener,
  silentListener,
  type TemplateScope,
  unknownMeaning,
  type ValueMeaning,
} from './meaning.ts';
import type { Expression } from './parse-pipeline.ts';
import { meaningAtKeys } from './read-path.ts';
import type { ValueRead } from './template-notes.ts';

/** Functions whose result is their last argument, or is made from it alone. */
const passThroughFunctions = new Set([
  'default',
  'required',
  'deepCopy',
  'mustDeepCopy',
  'quote',
  'squote',
  'toString',
]);
/** Functions whose result contains their first argument. */
const mergingFunctions = new Set(['merge', 'mustMerge', 'mergeOverwrite', 'mustMergeOverwrite']);
/** Functions whose result may contain each of their arguments. */
const holdingFunctions = new Set([
  ...mergingFunctions,
  ...['dict', 'list', 'tuple', 'set', 'append', 'prepend', 'concat', 'omit', 'pick', 'ternary', 'coalesce'],
]);
/** Functions that only decide about their arguments. */
const decidingFunctions = new Set(['and', 'or', 'not', 'empty', 'eq', 'ne', 'hasKey', 'kindIs', 'typeIs']);

/**
 * Reports the reads of an expression whose result is used.
 * @param decides whether the result only decides something, and is not shown
 * @returns the meaning of the result
 */
export function reportReads(
  value: Expression,
  scope: TemplateScope,
  listener: ReadListener,
  decides = false,
): Meaning {
  const meaning = findMeaning(value, scope, listener, decides);
  if (meaning.kind === 'values')
    reportRead(meaning, lineOf(value), scope, listener, decides ? { decides } : {});
  return meaning;
}

/**
 * Finds the meaning of an expression, and notes the reads in its arguments.
 * If the expression is a value itself, the caller notes it, and may first read below it.
 */
export function findMeaning(
  value: Expression,
  scope: TemplateScope,
  listener: ReadListener,
  decides = false,
): Meaning {
  if (value.kind === 'literal') return unknownMeaning;
  if (value.kind === 'chain') return followChain(value, scope, listener);
  const { name, args, line } = value;
  if (name === 'index' || name === 'get') return readIndex(args, scope, listener);
  if (name === 'dig' || name === 'hasKey') return readOptional(value, scope, listener, decides);
  if ((name === 'first' || name === 'last') && args.length === 1) {
    return readIndex([...args, { kind: 'literal', value: 0 }], scope, listener);
  }
  if (name === 'default' && reportDefault(args, line, scope, listener, decides)) return unknownMeaning;
  if (name === 'and') return reportAndArguments(args, scope, listener, decides);
  const kept = passThroughFunctions.has(name)
    ? args.at(-1)
    : mergingFunctions.has(name)
      ? args[0]
      : undefined;
  const meanings = args.map((arg) =>
    arg === kept
      ? findMeaning(arg, scope, listener)
      : reportReads(arg, scope, listener, decides && decidingFunctions.has(name)),
  );
  if (name === 'include' || name === 'template') reportInclude(args, meanings[1], line, listener);
  const result = kept ? meanings[args.indexOf(kept)] : undefined;
  if (result && result.kind !== 'unknown') return result;
  const isContext =
    holdingFunctions.has(name) && meanings.some(mayHoldContext) && !lacksValues(name, args, meanings);
  return isContext ? { kind: 'argument' } : unknownMeaning;
}

/** Checks whether a value is the chart's context, or may have it or `.Values` inside. */
export function mayHoldContext(meaning: Meaning): boolean {
  if (meaning.kind === 'context') return meaning.charts.length === 0;
  return meaning.kind === 'argument' || (meaning.kind === 'values' && meaning.path.length === 0);
}

/** Checks whether a call leaves `.Values` out, or puts something else there, as `dict "Values" .Values.cache` does. */
function lacksValues(name: string, args: readonly Expression[], meanings: readonly Meaning[]): boolean {
  const isKey = (arg: Expression) => arg.kind === 'literal' && arg.value === 'Values';
  if (name === 'omit') return args.slice(1).some(isKey);
  if (name !== 'dict' && name !== 'set') return false;
  // Keys of `dict` come in turn with their values; `set` has its map before the key.
  const start = name === 'set' ? 1 : 0;
  return args.some((arg, index) => {
    if (!isKey(arg) || index % 2 !== start) return false;
    const value = meanings[index + 1];
    return value === undefined || !mayHoldContext(value);
  });
}

function followChain(
  { of, keys }: Extract<Expression, { kind: 'chain' }>,
  scope: TemplateScope,
  listener: ReadListener,
): Meaning {
  const isResult = of.kind === 'result';
  const base = isResult ? findMeaning(of.value, scope, listener) : meaningOf(of, scope);
  // Go fails on a field of an absent value only within one chain; a variable, or a result in parentheses, is absent
  // as a whole.
  return meaningAtKeys(base, keys, of.kind !== 'dot');
}

function meaningOf(of: { kind: 'dot' } | { kind: 'variable'; name: string }, scope: TemplateScope): Meaning {
  if (of.kind === 'dot') return scope.dot;
  return scope.variables.get(of.name) ?? unknownMeaning;
}

/** Reads `index MAP KEYS` and `get MAP KEY`. */
function readIndex([map, ...keys]: Expression[], scope: TemplateScope, listener: ReadListener): Meaning {
  if (!map) return unknownMeaning;
  const base = findMeaning(map, scope, listener);
  const names = keys.flatMap((key) =>
    key.kind === 'literal' && typeof key.value === 'string' ? [key.value] : [],
  );
  if (names.length === keys.length) return meaningAtKeys(base, names, false);
  if (base.kind === 'context' || base.kind === 'argument') return { kind: 'argument' };
  if (base.kind === 'values') reportRead(base, lineOf(map), scope, listener, {});
  for (const key of keys) reportReads(key, scope, listener);
  return unknownMeaning;
}

/** Reads `dig "a" "b" DEFAULT MAP` and `hasKey MAP "a"`, which do not fail if the last keys are absent. */
function readOptional(
  { name, args, line }: Extract<Expression, { kind: 'call' }>,
  scope: TemplateScope,
  listener: ReadListener,
  decides: boolean,
): Meaning {
  const isDig = name === 'dig';
  const map = isDig ? args.at(-1) : args[0];
  const keys = isDig ? args.slice(0, -2) : args.slice(1);
  const names = keys.flatMap((key) =>
    key.kind === 'literal' && typeof key.value === 'string' ? [key.value] : [],
  );
  const base = map ? findMeaning(map, scope, listener) : unknownMeaning;
  const fallbackArg = isDig ? args.at(-2) : undefined;
  if (base.kind === 'values' && names.length === keys.length) {
    const path = [...base.path, ...names];
    const fallback = fallbackArg?.kind === 'literal' ? { fallback: fallbackArg.value } : {};
    const mode = decides || !isDig ? { decides: true as const } : {};
    reportRead({ ...base, path, needs: base.path.length }, line, scope, listener, {
      ...fallback,
      ...mode,
    });
  } else if (base.kind === 'values') reportRead(base, line, scope, listener, {});
  return unknownMeaning;
}

/**
 * Reports the reads of `default LITERAL VALUE`.
 * @returns whether the call has that form
 */
function reportDefault(
  args: readonly Expression[],
  line: number,
  scope: TemplateScope,
  listener: ReadListener,
  decides: boolean,
): boolean {
  const [fallbackArg, value] = args;
  if (args.length !== 2 || fallbackArg?.kind !== 'literal' || !value) return false;
  const meaning = findMeaning(value, scope, listener);
  if (meaning.kind !== 'values') return true;
  reportRead(meaning, line, scope, listener, {
    fallback: fallbackArg.value,
    ...(decides ? { decides } : {}),
  });
  return true;
}

/** Reports the reads in the arguments of `and`. Each is guarded by those before: Go stops at the first false one. */
function reportAndArguments(
  args: readonly Expression[],
  scope: TemplateScope,
  listener: ReadListener,
  decides: boolean,
): Meaning {
  let guards = scope.guards;
  for (const arg of args) {
    reportReads(arg, { ...scope, guards }, listener, decides);
    if (listener !== silentListener) guards = addGuards(guards, findGuards(arg, scope, findMeaning));
  }
  return unknownMeaning;
}

function reportInclude(
  [name]: readonly Expression[],
  argument: Meaning | undefined,
  line: number,
  listener: ReadListener,
): void {
  if (name?.kind !== 'literal' || typeof name.value !== 'string') return;
  listener.include(name.value, line, argument !== undefined && mayHoldContext(argument));
}

function reportRead(
  { path, needs, charts = 0 }: ValueMeaning,
  line: number,
  { guards }: TemplateScope,
  listener: ReadListener,
  more: Pick<ValueRead, 'fallback' | 'decides'>,
): void {
  if (path.length <= charts) return;
  listener.read({
    path,
    line,
    ...(charts > 0 ? { charts } : {}),
    ...(needs === path.length - 1 ? {} : { needs }),
    ...more,
    ...(guards.length > 0 ? { guards: [...guards] } : {}),
  });
}

function lineOf(value: Expression): number {
  return value.kind === 'literal' ? 0 : value.line;
}
