import { RE2JS } from 're2js';
import { type Budget, SchemaExceeded, spend } from './budget.ts';

/** Pattern of a schema with the syntax and the linear time of Go's regexp. */
export interface Pattern {
  text: string;
  matches(value: string, budget: Budget): boolean;
}

/** Pattern that Go's regexp does not compile. */
export class PatternBroken extends Error {
  override name = 'PatternBroken';
}

/** Instructions of a compiled pattern; a hundred lines of alternatives have some 5,000. */
const maxProgram = 200_000;

/** Instructions that a matcher follows for one character in one step of the budget. */
const instructionsPerStep = 16;

/**
 * Compiles a pattern by RE2 syntax, and finds it anywhere in a text as Go's `MatchString` does.
 *
 * @throws {PatternBroken} with the reason that Go gives
 * @throws {SchemaExceeded} when its repetitions unfold to too large a program
 */
export function compilePattern(text: string, budget: Budget): Pattern {
  const unfolded = text.length * repetitionsOf(text);
  if (unfolded > maxProgram) throw new SchemaExceeded('a pattern of too many repetitions');
  spend(budget, 1 + (unfolded >> 2));
  const compiled = compile(text);
  const program = compiled.programSize();
  return {
    text,
    matches(value, spent) {
      spend(spent, 1 + Math.ceil((value.length * program) / instructionsPerStep));
      return compiled.test(value);
    },
  };
}

/** Whether Go compiles a pattern: the format `regex`. */
export function isPattern(text: string, budget: Budget): boolean {
  try {
    compilePattern(text, budget);
    return true;
  } catch (error) {
    if (error instanceof PatternBroken) return false;
    throw error;
  }
}

function compile(text: string): RE2JS {
  try {
    return RE2JS.compile(text);
  } catch (error) {
    throw new PatternBroken(error instanceof Error ? error.message : 'not a pattern');
  }
}

/** Times that counted repetitions can copy what they repeat; RE2 allows 1,000 in all that are nested. */
function repetitionsOf(text: string): number {
  let product = 1;
  for (const [, from, to] of text.matchAll(/\{(\d{1,4})(?:,(\d{0,4}))?\}/g)) {
    product *= Math.max(Number(from), Number(to || 1), 1);
    if (product >= 1_000) return 1_000;
  }
  return product;
}
