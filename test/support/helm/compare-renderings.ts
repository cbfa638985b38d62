/** How far one rendering is another. */
export interface Comparison {
  /** For a person to read, one for each line or document that differs; none where the renderings are equal. */
  differences: string[];
  /** Lines that were compared, and that were not because no two renderings of the same chart have them in common. */
  compared: number;
  excluded: string[];
}

interface Document {
  /** The template that it comes from, and which of its documents it is. */
  title: string;
  lines: string[];
}

/**
 * Compares a rendering with that of Helm's own chart, document by document in their order, and line by line. What Helm
 * makes up while it renders (passwords, certificates, and their checksums) is other each time: it is known by its being
 * other in a second rendering of Helm's own chart, and not compared.
 *
 * @param own what `helm template` made of Helm's own chart
 * @param again the same once more
 * @param other what it made of the chart that is compared
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
    const given = others.find(({ title }) => title === document.title);
    if (given) compareDocument(document, repeat?.lines ?? [], given.lines, comparison);
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
    // One line too many or too few makes all that follow differ, which tells nobody anything.
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
