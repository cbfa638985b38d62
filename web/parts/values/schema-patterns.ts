/** Largest length of a pattern and of a name that are matched on the page. */
const maxLength = { pattern: 100, name: 64 };

/** Largest number of patterns of one map that are read. They take a part of the steps of a key. */
const maxPatterns = 100;

/** Pattern of a schema's `patternProperties`, and the schema of the keys that it matches. */
interface PatternSchema {
  pattern: RegExp;
  schema: unknown;
}

// Cache: a schema of megabytes has many patterns, and each of its keys needs them.
const readSchemas = new WeakMap<object, readonly PatternSchema[]>();

/**
 * Finds the schemas of `patternProperties` whose patterns match a name.
 * A pattern of a stranger runs on the thread of the page, so one that may backtrack much matches nothing.
 * @param budget each pattern that runs takes one step
 */
export function findPatternSchemas(
  patterns: Readonly<Record<string, unknown>>,
  name: string,
  budget: { steps: number },
): readonly unknown[] {
  if (name.length > maxLength.name) return [];
  const known = readSchemas.get(patterns) ?? readPatterns(patterns);
  readSchemas.set(patterns, known);
  return known.filter(({ pattern }) => budget.steps-- > 0 && pattern.test(name)).map(({ schema }) => schema);
}

function readPatterns(patterns: Readonly<Record<string, unknown>>): readonly PatternSchema[] {
  return Object.keys(patterns)
    .slice(0, maxPatterns)
    .flatMap((text) => {
      const pattern = isCheapPattern(text) ? compilePattern(text) : undefined;
      return pattern ? [{ pattern, schema: patterns[text] }] : [];
    });
}

function compilePattern(text: string): RegExp | undefined {
  try {
    return new RegExp(text, 'u');
  } catch {
    return undefined;
  }
}

// Backtracking is bounded where there is no group and one repetition: by the square of the name's length.
function isCheapPattern(text: string): boolean {
  if (text.length > maxLength.pattern) return false;
  const plain = text.replace(/\\./g, '');
  return !plain.includes('(') && (plain.match(/[*+?{|]/g) ?? []).length <= 1;
}
