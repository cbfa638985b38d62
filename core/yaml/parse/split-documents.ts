import { YamlProblem } from '../yaml-source.ts';

/** Document of a text, not parsed yet. */
export interface YamlDocumentText {
  text: string;
  /** Offset at which the document begins. */
  start: number;
}

/** Largest number of documents in one values.yaml. Each needs its own parser, and charts have one or two. */
export const maxYamlDocuments = 1000;

/**
 * Splits values.yaml into documents at each line that begins with `---`. Helm 4 does so before parsing. As in
 * `YAMLReader` of k8s.io/apimachinery, such a line splits inside quotes too. At the start of the text, it stays part of
 * the first document.
 *
 * @throws YamlProblem where more than a comment follows the dashes, or there are more than {@link maxYamlDocuments}
 */
export function splitDocuments(text: string): YamlDocumentText[] {
  const parts: YamlDocumentText[] = [];
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
