import { YamlProblem } from '../yaml-source.ts';

/** Count of a document's nodes, and of those that aliases repeat. */
export interface AliasRatio {
  /**
   * Adds nodes.
   * @param plain number of nodes in the text
   * @param aliased number of nodes repeated by an alias
   * @throws YamlProblem where Go's parser would refuse the document
   */
  count(plain: number, aliased: number, position: number): void;
}

const fewNodes = 400_000;
const manyNodes = 4_000_000;

/**
 * Creates a count that refuses excessive aliasing: documents that consist nearly only of repetitions.
 * The ratio is that of `allowedAliasRatio` in go.yaml.in/yaml/v2, decode.go.
 */
export function createAliasRatio(): AliasRatio {
  // Go counts the document as a node.
  let total = 1;
  let repeated = 0;
  return {
    count(plain, aliased, position) {
      total += plain + aliased;
      repeated += aliased;
      if (repeated <= 100 || total <= 1000) return;
      const allowed =
        total <= fewNodes
          ? 0.99
          : total >= manyNodes
            ? 0.1
            : 0.99 - 0.89 * ((total - fewNodes) / (manyNodes - fewNodes));
      if (repeated / total > allowed)
        throw new YamlProblem('nearly all of it are repetitions by aliases, which Helm refuses', position);
    },
  };
}
