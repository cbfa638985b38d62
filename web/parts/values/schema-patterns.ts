/** Largest length of a pattern and of a name that are matched on the page. */
const maxLength = { pattern: 100, name: 64 };

/** Largest number of patterns of one map that are tried. */
const maxPatterns = 200;

const firstPatterns = new WeakMap<object, readonly string[]>();

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
  return listFirstPatterns(patterns)
    .filter((pattern) => budget.steps-- > 0 && matchesPattern(pattern, name))
    .map((pattern) => patterns[pattern]);
}

// A schema of megabytes has many patterns, and is asked for each of its keys.
function listFirstPatterns(patterns: Readonly<Record<string, unknown>>): readonly string[] {
  const known = firstPatterns.get(patterns) ?? Object.keys(patterns).slice(0, maxPatterns);
  firstPatterns.set(patterns, known);
  return known;
}

function matchesPattern(pattern: string, name: string): boolean {
  try {
    return isCheapPattern(pattern) && new RegExp(pattern, 'u').test(name);
  } catch {
    return false;
  }
}

// Without groups and with one repetition, the steps are at most those of each start and each end in the name.
function isCheapPattern(pattern: string): boolean {
  if (pattern.length > maxLength.pattern) return false;
  const plain = pattern.replace(/\\./g, '');
  return !plain.includes('(') && (plain.match(/[*+?{|]/g) ?? []).length <= 1;
}
