import { RE2JS } from 're2js';
import { type Budget, spend } from './budget.ts';
import { SchemaExceeded } from './errors.ts';
import { toRe2Syntax } from './pattern-syntax.ts';

/** A compiled pattern with the syntax and the linear time of Go's regexp. */
export interface Pattern {
  text: string;
  matches(value: string, budget: Budget): boolean;
}

/** Error of a pattern that Go's regexp does not compile. */
export class PatternBroken extends Error {
  override name = 'PatternBroken';
}

/** Largest program of a pattern, in instructions; a hundred lines of alternatives have some 5,000. */
const maxProgram = 200_000;

/** Instructions followed for one character in one step of the budget. */
const instructionsPerStep = 16;

/** Steps to compile the shortest pattern, which takes 8 KB: a schema may have some 6,000 that are not plain. */
const compileSteps = 400;

/** Steps to compare a text with the plain start of a pattern. */
const prefixSteps = 1 / 8;

/** Patterns compiled for a budget: the metaschema needs each one before the schema does. */
const compiledByBudget = new WeakMap<Budget, Map<string, Pattern>>();

/**
 * Compiles a pattern of RE2 syntax. The pattern matches anywhere in a text, as Go's `MatchString` does.
 *
 * @throws {PatternBroken} with Go's reason
 * @throws {SchemaExceeded} if its repetitions unfold to too large a program
 */
export function compilePattern(text: string, budget: Budget): Pattern {
  spend(budget, 1);
  const known = compiledByBudget.get(budget) ?? new Map<string, Pattern>();
  compiledByBudget.set(budget, known);
  const pattern = known.get(text) ?? createPattern(text, budget);
  known.set(text, pattern);
  return pattern;
}

function createPattern(text: string, budget: Budget): Pattern {
  const { start, rest } = splitStart(text);
  if (start !== '' && (rest === '' || rest === '$')) {
    const isWhole = rest === '$';
    return {
      text,
      matches(value, runBudget) {
        spend(runBudget, prefixSteps);
        return isWhole ? value === start : value.startsWith(start);
      },
    };
  }
  const unfolded = text.length * repetitionsOf(text);
  if (unfolded > maxProgram) throw new SchemaExceeded('a pattern of too many repetitions');
  spend(budget, compileSteps + (unfolded >> 2));
  const regex = compile(text);
  const program = regex.programSize();
  return {
    text,
    matches(value, runBudget) {
      spend(runBudget, prefixSteps);
      if (!value.startsWith(start)) return false;
      spend(runBudget, Math.ceil((value.length * program) / instructionsPerStep));
      return regex.test(value);
    },
  };
}

/** Checks whether Go compiles a pattern: the format `regex`. */
export function isPattern(text: string, budget: Budget): boolean {
  try {
    compilePattern(text, budget);
    return true;
  } catch (error) {
    if (error instanceof PatternBroken) return false;
    throw error;
  }
}

/**
 * Splits a pattern after its anchored plain start: `^abc` of `^abc-[0-9]+$`.
 * Without such a start, the rest is the whole pattern. Most patterns for many keys differ at the start, so comparing
 * it suffices.
 */
function splitStart(text: string): { start: string; rest: string } {
  const start = /^\^((?:[A-Za-z0-9_/ :@=,-](?![*+?{]))+)/.exec(text)?.[1];
  // An alternative need not have that start.
  if (start === undefined || text.includes('|')) return { start: '', rest: text };
  return { start, rest: text.slice(start.length + 1) };
}

function compile(text: string): RE2JS {
  const rewritten = /\\[pP]|\(\?P?</.test(text) ? toRe2Syntax(text) : text;
  if (rewritten === undefined) throw new PatternBroken('it has a character class that Go does not know');
  try {
    return RE2JS.compile(rewritten);
  } catch (error) {
    throw new PatternBroken(error instanceof Error ? error.message : 'not a pattern');
  }
}

/** Bounds how often counted repetitions copy their operand; RE2 allows 1,000 in all nested ones. */
function repetitionsOf(text: string): number {
  let product = 1;
  for (const [, from, to] of text.matchAll(/\{(\d{1,4})(?:,(\d{0,4}))?\}/g)) {
    product *= Math.max(Number(from), Number(to || 1), 1);
    if (product >= 1_000) return 1_000;
  }
  return product;
}
