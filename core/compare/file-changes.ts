import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { compareBytes } from '../archive/chart-order.ts';
import type { Chart } from '../chart/chart.ts';
import { type CompareBudget, runDiffWithinBudget } from './budget.ts';
import type { ChangedFileKind, CompareOptions, FileChange, FileFacts, ListPage } from './comparison.ts';
import { changeKindOf, presentSides } from './key-changes.ts';
import { createPageCollector } from './list-page.ts';
import { writeUnifiedDiff } from './unified-diff.ts';

/** A file that differs: its path in the chart and in the chart inside that it belongs to, and both contents. */
interface ChangedFile {
  path: string;
  ownPath: string;
  from: Buffer | undefined;
  to: Buffer | undefined;
}

/**
 * Lists the files of two charts that differ, by the bytes of their paths. Files of the charts inside them count too.
 */
export function listFileChanges(
  from: ReadonlyMap<string, Chart>,
  to: ReadonlyMap<string, Chart>,
  options: CompareOptions,
  budget: CompareBudget,
): ListPage<FileChange> {
  const { add, page } = createPageCollector<FileChange>(options);
  const isAlone = options.file !== undefined;
  const changed: ChangedFile[] = [];
  for (const folder of new Set([...from.keys(), ...to.keys()]))
    changed.push(...findChanged(folder, from.get(folder), to.get(folder)));
  const wanted = isAlone ? changed.filter(({ path }) => path === options.file) : changed;
  wanted.sort((left, right) => compareBytes(left.path, right.path));
  for (const file of wanted) add(() => describeFile(file, isAlone, budget));
  return page;
}

function findChanged(folder: string, from: Chart | undefined, to: Chart | undefined): ChangedFile[] {
  const changed: ChangedFile[] = [];
  const paths = new Set([...(from?.files.keys() ?? []), ...(to?.files.keys() ?? [])]);
  for (const ownPath of paths) {
    const before = from?.files.get(ownPath);
    const after = to?.files.get(ownPath);
    if (before && after?.equals(before)) continue;
    changed.push({ path: `${folder}${ownPath}`, ownPath, from: before, to: after });
  }
  return changed;
}

function describeFile({ path, ownPath, from, to }: ChangedFile, isAlone: boolean, budget: CompareBudget) {
  const change: FileChange = {
    path,
    kind: changedFileKindOf(ownPath),
    change: changeKindOf(from, to),
    ...presentSides(from && factsOf(from), to && factsOf(to)),
  };
  if (![from, to].every(isText)) return { ...change, binary: true as const };
  const texts = { from: from?.toString('utf8'), to: to?.toString('utf8') };
  const { diff, truncated } = runDiffWithinBudget(budget, isAlone, (share) =>
    writeUnifiedDiff(path, texts, share),
  );
  if (!truncated) return { ...change, diff };
  budget.truncated = true;
  return { ...change, diff, truncated };
}

function factsOf(content: Buffer): FileFacts {
  return { size: content.length, digest: `sha256:${createHash('sha256').update(content).digest('hex')}` };
}

/** Whether a content is text to git and to editors: UTF-8 without a NUL byte. */
function isText(content: Buffer | undefined): boolean {
  return content === undefined || (!content.includes(0) && isUtf8(content));
}

/** Tells what Helm does with a file: templates lie in `templates/`, and CRDs are the manifests in `crds/`. */
function changedFileKindOf(path: string): ChangedFileKind {
  if (path.startsWith('templates/')) return 'template';
  return path.startsWith('crds/') && /\.(?:ya?ml|json)$/i.test(path) ? 'crd' : 'other';
}
