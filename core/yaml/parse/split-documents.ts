import { YamlProblem } from '../yaml-problem.ts';

/** Part of a text, and where it begins. */
export interface YamlPart {
  text: string;
  start: number;
}

/** Documents of one values.yaml. Each takes a parser of its own, and charts have one or two. */
export const maxYamlDocuments = 1000;

/**
 * Splits values as Helm 4 does before it parses them (`YAMLReader` of k8s.io/apimachinery): at each line that begins with
 * `---`, also within a text in quotes. Such a line stays only where nothing stands before it.
 *
 * @throws YamlProblem where more than a comment follows the dashes, or there are more than {@link maxYamlDocuments}
 */
export function splitDocuments(text: string): YamlPart[] {
  const parts: YamlPart[] = [];
  let start = 0;
  for (let line = 0; line < text.length; ) {
    const next = text.indexOf('\n', line) + 1 || text.length;
    if (text.startsWith('---', line)) {
      const rest = text.slice(line + 3, next).trim();
      if (rest !== '' && !rest.startsWith('#'))
        throw new YamlProblem('Helm 4 allows nothing but a comment behind --- in values', line);
      if (line > start) {
        if (parts.length === maxYamlDocuments - 1)
          throw new YamlProblem(`it has more than ${maxYamlDocuments} documents`, line);
        parts.push({ text: text.slice(start, line), start });
        start = next;
      }
    }
    const found = text.indexOf('\n---', Math.max(next - 1, 0));
    line = found < 0 ? text.length : found + 1;
  }
  if (start < text.length || parts.length === 0) parts.push({ text: text.slice(start), start });
  return parts;
}
