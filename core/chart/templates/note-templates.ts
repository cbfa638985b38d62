import type { ChartFiles } from '../chart.ts';
import { scanTemplate } from './scan-template.ts';
import type { IncludedTemplate, TemplateNotes, ValueRead } from './template-notes.ts';

/** Bytes of one chart's templates, and tokens in them, that are looked at; large public charts have 2 MB and 60,000. */
const maxBytes = 4 * 1024 * 1024;
const maxTokens = 200_000;

/** Reads, and names, that are noted of one chart. */
const maxNoted = 5_000;

/** Whether a path, seen from a chart's folder, is that of a template. */
export function isTemplate(path: string): boolean {
  return path.startsWith('templates/');
}

/** Notes what a chart's own templates define, include and read. What exceeds the bounds is not looked at. */
export function noteTemplates(files: ChartFiles): TemplateNotes {
  const notes: TemplateNotes = { defined: [], included: [], reads: [] };
  const included = new Map<string, IncludedTemplate>();
  const reads = new Map<string, ValueRead>();
  const budget = { tokens: maxTokens };
  let scanned = 0;
  for (const [file, bytes] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!isTemplate(file) || scanned + bytes.length > maxBytes) continue;
    scanned += bytes.length;
    scanTemplate(bytes.toString('utf8'), budget, {
      define: (name, digest) => {
        if (notes.defined.length < maxNoted) notes.defined.push({ name, file, digest });
      },
      include: (name, line) => {
        if (!included.has(name) && included.size < maxNoted) included.set(name, { name, file, line });
      },
      read: ({ line, ...read }) => {
        const key = JSON.stringify(read);
        if (!reads.has(key) && reads.size < maxNoted) reads.set(key, { ...read, file, line });
      },
    });
  }
  return { ...notes, included: [...included.values()], reads: [...reads.values()] };
}
