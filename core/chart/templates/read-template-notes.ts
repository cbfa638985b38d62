import type { ChartFiles } from '../chart.ts';
import { scanTemplate } from './scan-template.ts';
import type { IncludedTemplate, TemplateNotes, ValueRead } from './template-notes.ts';

/** Limits of one chart's templates, in bytes and in tokens; large public charts have 2 MB and 60,000 tokens. */
const maxBytes = 4 * 1024 * 1024;
const maxTokens = 200_000;

/** Largest number of reads, and of names, that are noted for one chart. */
const maxNotedReads = 5_000;

/** Characters of the texts of one note: its name, or its keys and literals. Hand-written templates have far fewer. */
const maxNoteLength = 2_000;

/** Checks whether a path in a chart's folder is a template's. */
export function isTemplate(path: string): boolean {
  return path.startsWith('templates/');
}

/** Reads the definitions, includes and reads of values in a chart's own templates. Parts beyond the limits are skipped. */
export function readTemplateNotes(files: ChartFiles): TemplateNotes {
  const notes: TemplateNotes = { defined: [], included: [], reads: [] };
  const included = new Map<string, IncludedTemplate>();
  const reads = new Map<string, ValueRead>();
  const budget = { tokens: maxTokens };
  let scanned = 0;
  for (const [file, bytes] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!isTemplate(file) || scanned + bytes.length > maxBytes) continue;
    scanned += bytes.length;
    scanTemplate(bytes.toString('utf8'), budget, {
      define: (definition) => {
        if (definition.name.length <= maxNoteLength && notes.defined.length < maxNotedReads)
          notes.defined.push({ ...definition, file });
      },
      include: (name, line, getsContext) => {
        const known = included.get(name);
        if (getsContext) delete known?.withoutContext;
        if (known || name.length > maxNoteLength || included.size === maxNotedReads) return;
        included.set(name, { name, file, line, ...(getsContext ? {} : { withoutContext: true }) });
      },
      read: ({ line, ...read }) => {
        if (reads.size === maxNotedReads || textLengthOf(read) > maxNoteLength) return;
        const key = JSON.stringify(read);
        if (!reads.has(key)) reads.set(key, { ...read, file, line });
      },
    });
  }
  return { ...notes, included: [...included.values()], reads: [...reads.values()] };
}

/** Counts the characters of a read. A guard's literal may be as long as its file, and each read under it repeats it. */
function textLengthOf({ path, within, fallback, guards = [] }: Omit<ValueRead, 'file' | 'line'>): number {
  const texts = [...path, within, fallback, ...guards.flatMap((guard) => [...guard.path, guard.equals])];
  return texts.reduce<number>((sum, text) => sum + (typeof text === 'string' ? text.length : 1), 0);
}
