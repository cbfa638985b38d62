import { equalJson, type JsonObject } from './json.ts';
import { stringifyYaml } from './yaml.ts';
import { type Change, findChanges } from './yaml-changes.ts';
import { attemptYaml, type Editable, keepsEnds, means, readEditable } from './yaml-editable.ts';

/**
 * A YAML text whose value is exactly `target` and which keeps as much of `text` as it can: what is not touched stays
 * byte for byte, with its comments, quotes and order. New keys stand at the end of their map, in the order of `target`.
 *
 * Every result is parsed again and compared; where it would mean anything else, and where the layout cannot be edited
 * line by line (braces, merge keys, several documents), the whole text is written anew.
 */
export function rewriteYaml(text: string, target: JsonObject): string {
  const editable = readEditable(text);
  if (editable && equalJson(editable.value, target)) return text;
  return (editable && editWhole(editable, target)) ?? stringifyYaml(target);
}

/** @returns undefined where editing does not lead to a text that means the target */
export function editWhole(editable: Editable, target: JsonObject): string | undefined {
  const changes = findChanges(editable, target);
  const result = changes && applyChanges(editable, changes);
  return result !== undefined && equalJson(attemptYaml(result) ?? null, target) ? result : undefined;
}

function applyChanges({ text, mark }: Editable, changes: readonly Change[]): string {
  let result = mark;
  let from = 0;
  for (const change of changes) {
    result += text.slice(from, change.from) + change.text;
    from = change.to;
  }
  return result + text.slice(from);
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
