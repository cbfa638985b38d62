import type { Json } from '../../yaml/json.ts';
import { type FindMeaning, silentListener, type TemplateScope } from './meaning.ts';
import type { Expression } from './parse-pipeline.ts';
import type { ValueGuard } from './template-notes.ts';

/** Largest number of guards kept for a place; the innermost are kept. */
const maxGuards = 16;

/** Adds the guards of an inner place. Long chains of `else if` would otherwise copy ever more of them. */
export function addGuards(outer: readonly ValueGuard[], inner: readonly ValueGuard[]): readonly ValueGuard[] {
  if (inner.length === 0) return outer;
  return [...outer, ...inner].slice(-maxGuards);
}

/** Finds guards that certainly hold if an expression is true. Conditions that cannot be expressed are left out. */
export function findGuards(
  value: Expression | undefined,
  scope: TemplateScope,
  findMeaning: FindMeaning,
): ValueGuard[] {
  if (!value || value.kind === 'literal') return [];
  if (value.kind === 'call') {
    const { name, args } = value;
    if (name === 'and') return args.flatMap((arg) => findGuards(arg, scope, findMeaning));
    if ((name === 'not' || name === 'empty') && args.length === 1)
      return findGuardsIfFalse(args[0], scope, findMeaning);
    if (name === 'eq' || name === 'ne') return findComparisonGuards(args, scope, name === 'ne', findMeaning);
    if (name === 'hasKey' && args[0] && args[1]) {
      return guardOf({ kind: 'call', name: 'get', args: [args[0], args[1]], line: 0 }, scope, findMeaning);
    }
  }
  return guardOf(value, scope, findMeaning);
}

/** Finds guards that certainly hold if an expression is false. */
export function findGuardsIfFalse(
  value: Expression | undefined,
  scope: TemplateScope,
  findMeaning: FindMeaning,
): ValueGuard[] {
  if (value?.kind === 'call' && value.name === 'or') {
    return value.args.flatMap((arg) => findGuardsIfFalse(arg, scope, findMeaning));
  }
  const guards = findGuards(value, scope, findMeaning);
  const [single] = guards;
  if (!single || guards.length > 1 || (value?.kind === 'call' && value.name === 'and')) return [];
  const { not, ...condition } = single;
  return [not ? condition : { ...condition, not: true }];
}

function guardOf(value: Expression, scope: TemplateScope, findMeaning: FindMeaning): ValueGuard[] {
  const meaning = findMeaning(value, scope, silentListener);
  if (meaning.kind === 'context' && meaning.charts.length > 0) {
    return [{ path: [...meaning.charts], chart: true }];
  }
  return meaning.kind === 'values' && meaning.path.length > 0 ? [{ path: meaning.path }] : [];
}

function findComparisonGuards(
  args: readonly Expression[],
  scope: TemplateScope,
  differs: boolean,
  findMeaning: FindMeaning,
): ValueGuard[] {
  const [left, right] = args;
  if (args.length !== 2 || !left || !right) return [];
  const [literal, value] = left.kind === 'literal' ? [left, right] : [right, left];
  if (literal.kind !== 'literal') return [];
  const equals: Json = literal.value;
  return guardOf(value, scope, findMeaning)
    .filter(({ chart }) => !chart)
    .map(({ path }) => ({ path, equals, ...(differs ? { not: true } : {}) }));
}
