import { equalJson, type JsonObject } from '../json.ts';
import { splitDocuments } from '../parse/split-documents.ts';
import { stringifyYaml } from '../yaml.ts';
import { applyChanges, type Change } from './change.ts';
import { editDocuments } from './edit-documents.ts';
import { attemptYaml, type Editable, keepsEnds, means, readEditable } from './editable.ts';
import { findChanges } from './find-changes.ts';
import { keepRepeats } from './repeats.ts';

/** An edited text, and why it has lost the comments of the one before; undefined where it has not. */
export interface EditedYaml {
  text: string;
  lost: string | undefined;
}

/**
 * Edits a YAML text so that its value is exactly `target`, and keeps as much of it as it can: what is not touched stays
 * byte for byte, with its comments, quotes and order. New keys stand at the end of their map, in the order of `target`.
 *
 * Every result is parsed again and compared; where it would mean anything else, the whole text is written anew.
 *
 * @param documents `first` for a file of which Helm reads the first document only, as of Chart.yaml
 */
export function editYaml(text: string, target: JsonObject, documents: 'all' | 'first' = 'all'): EditedYaml {
  const end = documents === 'first' ? endOfFirst(text) : text.length;
  if (end < text.length) {
    const edited = editYaml(text.slice(0, end), target);
    const gap = /[\r\n]$/.test(edited.text) ? '' : '\n';
    return { ...edited, text: edited.text + gap + text.slice(end) };
  }
  const editable = readEditable(text);
  if (editable && equalJson(editable.value, target)) return { text, lost: undefined };
  const edited = editable && editWhole(editable, target);
  if (edited !== undefined) return { text: edited, lost: undefined };
  return { text: stringifyYaml(target), lost: editable ? reasonOf(text) : reasonUnread(text) };
}

/** The text alone of {@link editYaml}. */
export function rewriteYaml(text: string, target: JsonObject): string {
  return editYaml(text, target).text;
}

function endOfFirst(text: string): number {
  const editable = readEditable(text);
  return editable ? editable.mark.length + editable.end : text.length;
}

/** Why a text that had to be written anew has lost its comments; undefined where it had none. */
export function reasonOf(text: string): string | undefined {
  if (!text.includes('#')) return undefined;
  return 'the change could not be made between its lines without changing what others mean';
}

function reasonUnread(text: string): string | undefined {
  return text.includes('#') ? 'the file as it was cannot be read as a map' : undefined;
}

/** Rounds after which what repeats another's lines has been written out. */
const maxRounds = 8;

/** @returns undefined where editing does not lead to a text that means the target */
export function editWhole(editable: Editable, target: JsonObject): string | undefined {
  const parts = splitDocuments(editable.text);
  if (parts.length > 1) {
    const result = editDocuments(editable, parts, target, editOne);
    const text = result === undefined ? undefined : editable.mark + result;
    return text !== undefined && equalJson(attemptYaml(text) ?? null, target) ? text : undefined;
  }
  return editOne(editable, target);
}

/** A change of what aliases repeat changes the repetitions too, which the next round then writes out. */
function editOne(given: Editable, target: JsonObject): string | undefined {
  let editable = given;
  for (let round = 0; round < maxRounds; round++) {
    const changes = findChanges(editable, target);
    if (!changes) return undefined;
    const all = [...changes, ...keepRepeats(editable.repeats, changes)];
    all.sort((left, right) => left.from - right.from || left.to - right.to);
    const text = editable.mark + applyChanges(editable.text, all);
    const next = readEditable(text);
    if (!next) return undefined;
    if (equalJson(next.value, target)) return text;
    if (next.text === editable.text) return undefined;
    editable = next;
  }
  return undefined;
}

/**
 * What {@link rewriteYaml} would change, found without reading more than the lines concerned.
 * @returns undefined where that cannot be told from those lines
 */
export function editLocally(editable: Editable, target: JsonObject): Change[] | undefined {
  if (!editable.local) return undefined;
  const changes = findChanges(editable, target);
  return changes?.every((change) => isSound(editable.text, change)) ? changes : undefined;
}

/**
 * A map's lines are its keys' lines, so what a change means can be told from them alone, if none of them reaches beyond
 * its end: only comments that stand deeper than the key could become part of a block scalar before them.
 */
function isSound(text: string, { lines, meaning, gone, column, end }: Change): boolean {
  if (keepsEnds.test(lines)) return false;
  if (lines !== '' && !equalJson(attemptYaml(lines) ?? null, meaning)) return false;
  // Of the outermost map that is known.
  if (gone && column > 0 && !means(gone.lines, gone.key, gone.of)) return false;
  return endsThere(text, end, column);
}

/** Whether nothing below stands deeper than the column, up to the next line that has a key. */
function endsThere(text: string, end: number, column: number): boolean {
  for (let at = end; at < text.length; ) {
    const next = text.indexOf('\n', at) + 1 || text.length;
    const line = text.slice(at, next).replace(/\r?\n$/, '');
    const indent = line.length - line.replace(/^ +/, '').length;
    if (indent > column || line[indent] === '\t') return false;
    if (indent < line.length && line[indent] !== '#') return true;
    at = next;
  }
  return true;
}
