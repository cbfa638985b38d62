import { equalJson, type JsonObject } from '../json.ts';
import { splitDocuments } from '../parse/split-documents.ts';
import { stringifyYaml } from '../yaml.ts';
import { applyChanges, type Change, type EditLosses } from './change.ts';
import { editDocuments } from './edit-documents.ts';
import { attemptYaml, type Editable, keepChompingPattern, parsesTo, readEditable } from './editable.ts';
import { findChanges } from './find-changes.ts';
import { replaceLostAliases } from './repeats.ts';

/** Edited text. */
export interface EditedYaml {
  text: string;
  /** Reason for which the comments are lost; undefined where they are kept. */
  lost: string | undefined;
}

/**
 * Edits a YAML text so that its value is exactly `target`. The rest of the text stays. The rest stays byte for byte,
 * with its comments, quotes and order. New keys are added at the end of their map, in the order of `target`. Every
 * result is parsed and compared; where its value differs, the whole text is rendered anew.
 *
 * @param documents `first` for a file such as Chart.yaml of which Helm reads the first document only; `all` by default
 */
export function editYaml(text: string, target: JsonObject, documents: 'all' | 'first' = 'all'): EditedYaml {
  const end = documents === 'first' ? endOfFirstDocument(text) : text.length;
  if (end < text.length) {
    const edited = editYaml(text.slice(0, end), target);
    const gap = /[\r\n]$/.test(edited.text) ? '' : '\n';
    return { ...edited, text: edited.text + gap + text.slice(end) };
  }
  const editable = readEditable(text);
  if (editable && equalJson(editable.value, target)) return { text, lost: undefined };
  const losses: EditLosses = { comments: false };
  const edited = editable && editAllDocuments(editable, target, losses);
  if (edited !== undefined) return { text: edited, lost: lostCommentsReason(losses) };
  return {
    text: stringifyYaml(target),
    lost: editable ? reasonRenderedAnew(text) : reasonNotReadAsMap(text),
  };
}

/** Edits a text as {@link editYaml} does and returns the text alone. */
export function rewriteYaml(text: string, target: JsonObject): string {
  return editYaml(text, target).text;
}

function endOfFirstDocument(text: string): number {
  const editable = readEditable(text);
  return editable ? editable.mark.length + editable.end : text.length;
}

/**
 * Returns the reason for which a text that was rendered anew lost its comments. Undefined stands for a text that had
 * none.
 */
export function reasonRenderedAnew(text: string): string | undefined {
  if (!text.includes('#')) return undefined;
  return 'the change could not be made between its lines without changing what others mean';
}

/** Returns the reason for which an edit in place lost comments. Undefined stands for one that lost none. */
export function lostCommentsReason({ comments }: EditLosses): string | undefined {
  return comments ? 'a list or map in it could not be changed item by item and was written anew' : undefined;
}

function reasonNotReadAsMap(text: string): string | undefined {
  return text.includes('#') ? 'the file as it was cannot be read as a map' : undefined;
}

/** Largest number of rounds of edits; a round replaces the aliases that the round before changed. */
const maxRounds = 8;

/**
 * Edits a text with all its documents, and checks the value of the result.
 * @param losses gets what is lost all the same
 * @returns undefined where no edit leads to the target
 */
export function editAllDocuments(
  editable: Editable,
  target: JsonObject,
  losses: EditLosses,
): string | undefined {
  const parts = splitDocuments(editable.text);
  if (parts.length > 1) {
    const result = editDocuments(editable, parts, target, (document, part) =>
      editOneDocument(document, part, losses),
    );
    const text = result === undefined ? undefined : editable.mark + result;
    return text !== undefined && equalJson(attemptYaml(text) ?? null, target) ? text : undefined;
  }
  return editOneDocument(editable, target, losses);
}

/**
 * Edits one document in rounds.
 * A change of an anchored value changes its aliases too; the next round writes these out.
 */
function editOneDocument(original: Editable, target: JsonObject, losses: EditLosses): string | undefined {
  let editable = original;
  for (let round = 0; round < maxRounds; round++) {
    const changes = findChanges(editable, target, losses);
    if (!changes) return undefined;
    const all = [...changes, ...replaceLostAliases(editable.repeats, changes)];
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
 * Finds the changes of {@link rewriteYaml} and checks them by parsing the changed lines alone.
 * @param losses gets what is lost all the same
 * @returns undefined where these lines are not enough to check a change
 */
export function editLocally(
  editable: Editable,
  target: JsonObject,
  losses: EditLosses,
): Change[] | undefined {
  if (!editable.local) return undefined;
  const changes = findChanges(editable, target, losses);
  return changes?.every((change) => keepsMeaning(editable.text, change)) ? changes : undefined;
}

/**
 * Checks a change by parsing its lines, provided that no value continues past them.
 * A value continues only where comments below stand deeper than the key: a block scalar would contain these.
 */
function keepsMeaning(text: string, { lines, expected, removed, column, end }: Change): boolean {
  if (keepChompingPattern.test(lines)) return false;
  if (lines !== '' && !equalJson(attemptYaml(lines) ?? null, expected)) return false;
  // Lines of keys in column 0 were checked when the editable was marked as local.
  if (removed && column > 0 && !parsesTo(removed.lines, removed.key, removed.of)) return false;
  return noDeeperLineFollows(text, end, column);
}

/** Tells whether no line from `end` up to the next key is deeper than the column. */
function noDeeperLineFollows(text: string, end: number, column: number): boolean {
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
