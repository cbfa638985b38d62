import type { DraftChecks } from './check/start-draft-checks.ts';
import type { Composer } from './composer-state.ts';
import type { DryRunState } from './dry-run.ts';
import { toConfigFault } from './fault-place.ts';
import { type ConfigFault, nodeIdAt } from './recipe-of-draft.ts';

/** Notes on a node in the tree: how many warnings it has, and whether an error is about it. */
export type NodeMarks = ReadonlyMap<string, { warnings: number; hasError: boolean }>;

/** Error or warning of the dry run. */
export interface Note {
  /** Pointer below the node or below `save`, such as `/package/version`; empty for the node itself. */
  place: string;
  message: string;
  isError: boolean;
}

/** Results that a person sees at their places: those of the dry run, and of the schemas. */
export interface Findings {
  dry: DryRunState;
  checks: DraftChecks;
}

/** Lists what is wrong with the values of the selected node, or may surprise. Each fault has its line. */
export function faultsOfNode(composer: Composer, { dry, checks }: Findings): ConfigFault[] {
  const node = composer.node.value;
  const { faults } = composer.recipe.value;
  const unread = faults.get(node.id);
  if (unread) return [unread];
  const found: ConfigFault[] = [...(checks.get(node.id)?.faults ?? [])];
  const pointer = `${pointerOfSelectedNode(composer) ?? ''}/_config`;
  for (const note of notesOfDryRun(dry)) {
    const fault = toConfigFault(node.config, note.place, pointer, note.message);
    // The registry says first what the schemas have said already.
    if (!fault || found.some(({ line, severity }) => line === fault.line && !severity && note.isError))
      continue;
    found.push(note.isError ? fault : { ...fault, severity: 'warning' });
  }
  return found;
}

/** Lists what is said about the selected node, but not about its values. */
export function notesOfNode(composer: Composer, dry: DryRunState): Note[] {
  const place = pointerOfSelectedNode(composer);
  const { pointers } = composer.recipe.value;
  const id = composer.node.value.id;
  return notesOfDryRun(dry).flatMap((note) => {
    if (place === undefined || nodeIdAt(pointers, note.place) !== id) return [];
    const below = note.place.slice(place.length);
    return /^\/_config(?:\/|$)/.test(below) ? [] : [{ ...note, place: below }];
  });
}

/** Lists what is said about `save`. */
export function notesOfSave(dry: DryRunState): Note[] {
  return notesOfDryRun(dry).flatMap((note) =>
    note.place.startsWith('/save') ? [{ ...note, place: note.place.slice('/save'.length) }] : [],
  );
}

/** Collects warnings and errors by the node that they are about. */
export function collectMarks(composer: Composer, { dry, checks }: Findings): NodeMarks {
  const { pointers, faults } = composer.recipe.value;
  const marks = new Map<string, { warnings: number; hasError: boolean }>();
  const mark = (id: string | undefined, isError: boolean) => {
    if (id === undefined) return;
    const old = marks.get(id) ?? { warnings: 0, hasError: false };
    marks.set(id, { warnings: old.warnings + (isError ? 0 : 1), hasError: old.hasError || isError });
  };
  for (const id of faults.keys()) mark(id, true);
  for (const [id, found] of checks) if (found.faults.length > 0) mark(id, true);
  for (const { place, isError } of notesOfDryRun(dry)) mark(nodeIdAt(pointers, place), isError);
  return marks;
}

/** Lists the error of a dry run, and the warnings of the last one that had a result. */
function notesOfDryRun({ result, problem }: DryRunState): Note[] {
  const warnings = (result?.warnings ?? []).flatMap(({ pointer, message }) =>
    pointer === undefined
      ? []
      : [{ place: pointer, message: withoutPointer(message, pointer), isError: false }],
  );
  const pointer = problem?.details.pointer;
  if (!problem || typeof pointer !== 'string') return warnings;
  return [{ place: pointer, message: withoutPointer(problem.message, pointer), isError: true }, ...warnings];
}

/** Leaves out the pointer with which a message begins: it stands where the pointer leads. */
function withoutPointer(message: string, pointer: string): string {
  return message.startsWith(pointer) ? message.slice(pointer.length).replace(/^:?\s+/, '') : message;
}

function pointerOfSelectedNode(composer: Composer): string | undefined {
  const { id } = composer.node.value;
  return [...composer.recipe.value.pointers].find(([, other]) => other === id)?.[0];
}
