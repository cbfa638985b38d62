/** Result of comparing two renderings. */
export interface Comparison {
  /** Texts for a person, one for each line or document that differs; none where the renderings are equal. */
  differences: string[];
  /** Number of compared lines. */
  compared: number;
  /** Lines that were not compared, because two renderings of the same chart differ in them. */
  excluded: string[];
}

interface Document {
  /** Path of the template, and the number of the document in the template's output. */
  title: string;
  lines: string[];
}

/**
 * Compares a rendering with that of the chart that Helm packaged. Renderings are compared document by document, line
 * by line. Passwords, certificates and their checksums are generated anew in each rendering, so lines that differ
 * between two renderings of Helm's chart are not compared.
 *
 * @param own output of `helm template` for the chart that Helm packaged
 * @param again output of a second `helm template` for the same chart
 * @param other output of `helm template` for the chart to compare
 */
export function compareRenderings(own: string, again: string, other: string): Comparison {
  const comparison: Comparison = { differences: [], compared: 0, excluded: [] };
  const repeated = documentsOf(again);
  const others = documentsOf(other);
  const wanted = documentsOf(own);
  const order = wanted.map(({ title }) => title).join('\n');
  const found = others.map(({ title }) => title).join('\n');
  if (order !== found) comparison.differences.push(`the documents are:\n${found}\nand not:\n${order}`);
  for (const document of wanted) {
    const repeat = repeated.find(({ title }) => title === document.title);
    const counterpart = others.find(({ title }) => title === document.title);
    if (counterpart) compareDocument(document, repeat?.lines ?? [], counterpart.lines, comparison);
  }
  return comparison;
}

function compareDocument(own: Document, again: string[], other: string[], comparison: Comparison): void {
  if (own.lines.length !== again.length) {
    comparison.excluded.push(...own.lines);
    return;
  }
  for (let index = 0; index < Math.max(own.lines.length, other.length); index += 1) {
    const line = own.lines[index];
    if (line !== undefined && line !== again[index]) {
      comparison.excluded.push(line);
      continue;
    }
    comparison.compared += 1;
    if (line === other[index]) continue;
    comparison.differences.push(`${own.title}, line ${index + 1}:\n- ${line}\n+ ${other[index]}`);
    // After an added or missing line all later lines differ, so report the first difference only.
    if (own.lines.length !== other.length) return;
  }
}

function documentsOf(output: string): Document[] {
  const counts = new Map<string, number>();
  return output
    .split(/^---$/m)
    .slice(1)
    .map((text) => {
      const source = /^# Source: (.*)$/m.exec(text)?.[1] ?? 'no source';
      const count = (counts.get(source) ?? 0) + 1;
      counts.set(source, count);
      return { title: `${source} (${count})`, lines: text.split('\n') };
    });
}
