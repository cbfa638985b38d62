import { YamlProblem } from '../yaml-problem.ts';

/** Counts what reading a document takes, and how much of it are repetitions by aliases. */
export interface AliasRatio {
  /** @throws YamlProblem when Go's parser would give up */
  count(plain: number, aliased: number, position: number): void;
}

const few = 400_000;
const many = 4_000_000;

/**
 * Refuses what Go's parser calls excessive aliasing: a text that is nearly all repetitions
 * (`allowedAliasRatio` of go.yaml.in/yaml/v2, decode.go).
 */
export function createAliasRatio(): AliasRatio {
  // The document is counted as well.
  let total = 1;
  let repeated = 0;
  return {
    count(plain, aliased, position) {
      total += plain + aliased;
      repeated += aliased;
      if (repeated <= 100 || total <= 1000) return;
      const allowed =
        total <= few ? 0.99 : total >= many ? 0.1 : 0.99 - 0.89 * ((total - few) / (many - few));
      if (repeated / total > allowed)
        throw new YamlProblem('nearly all of it are repetitions by aliases, which Helm refuses', position);
    },
  };
}
