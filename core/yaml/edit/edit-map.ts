import { equalJson, getKey, isObject, type Json, type JsonObject, setKey } from '../json.ts';
import { applyChanges, type Change, createInsertion, createReplacement, type EditContext } from './change.ts';
import { compareKeys } from './compare-keys.ts';
import { editFlow } from './edit-flow.ts';
import type { Entry, ValuePlace } from './layout.ts';
import { endsInBlockScalar, findDeeperComments, findLineComment, noteLostComments } from './line-comments.ts';
import { writePlain } from './plain.ts';
import { isFilled, renderMap, renderShort } from './render.ts';

/**
 * Finds the changes that turn a map into `target`. The target is not empty unless the map is the root.
 *
 * @returns false where the map cannot be edited and has to be rendered anew
 */
export function editMap(
  edited: EditContext,
  place: ValuePlace,
  value: JsonObject,
  target: JsonObject,
): boolean {
  if (place.flow) return editFlow(edited, place, value, target);
  const { text, newline, open, changes } = edited;
  const { entries } = place;
  const column = entries[0]?.column ?? 0;
  const { live, expanded, added } = compareKeys(edited, place, value, target);
  for (const [index, entry] of entries.entries()) {
    if (entry.merge) {
      const merged = expanded.get(entry);
      if (merged && !replaceEntry(edited, entry, entries[index - 1], merged, value)) return false;
      continue;
    }
    const before = getKey(value, entry.key) ?? null;
    const after = getKey(target, entry.key);
    if (after === undefined) {
      if (!removeEntry(edited, entry, entries[index - 1], value)) return false;
    } else if (live.get(entry.key) === entry && before !== after && !equalJson(before, after)) {
      if (!editEntry(edited, entry, before, after, value)) return false;
    }
  }
  if (Object.keys(added).length === 0) return true;
  const last = entries.at(-1);
  // Insert before a block scalar at the text's end: a line end behind it would change its value, and not for every Helm.
  const before = open && last?.lineEnd === text.length && !last.sharesLine;
  const behind = (before ? last.lineStart : last?.lineEnd) ?? text.length;
  const plain = writePlain(added, column, newline);
  const lines = plain ?? renderMap(added, column, newline);
  const deeper = plain === undefined && !before ? findDeeperComments(text, behind, column) : '';
  const end = behind + deeper.length;
  changes.push(createInsertion(edited, end, lines, column, added, plain === undefined ? lines : ''));
  return true;
}

function removedLines({ text }: EditContext, entry: Entry, of: JsonObject): Change['removed'] {
  return { lines: text.slice(entry.lineStart, entry.lineEnd), key: entry.key, of };
}

/**
 * Removes an entry.
 * @param before entry above in the same map
 */
function removeEntry(
  edited: EditContext,
  entry: Entry,
  before: Entry | undefined,
  value: JsonObject,
): boolean {
  const { text, changes } = edited;
  const { from, to: end, lineStart, lineEnd, column } = entry;
  if (entry.sharesLine) {
    // Keep the dash before the entry.
    const start = text.slice(lineStart, from).trimEnd().length + lineStart;
    const rest =
      /[ \t]*(?:#[^\r\n]*)?$/.exec(text.slice(end, lineEnd).replace(/[\r\n]+$/, ''))?.[0].length ?? 0;
    changes.push(createReplacement(start, end + rest, ''));
    return true;
  }
  const removed = removedLines(edited, entry, value);
  const deeper =
    before && endsInBlockScalar(text, before.value) ? findDeeperComments(text, lineEnd, column) : '';
  const comments = deeper.replace(/^ +/gm, ' '.repeat(column));
  const to = lineEnd + deeper.length;
  const base = { text: comments, startsLine: false, column, lines: '', expected: {}, removed, end: to };
  changes.push({ ...base, from: lineStart, to });
  return true;
}

/** Replaces a merge key by the pairs that it merged. */
function replaceEntry(
  edited: EditContext,
  entry: Entry,
  above: Entry | undefined,
  pairs: JsonObject,
  value: JsonObject,
): boolean {
  if (Object.keys(pairs).length === 0) return removeEntry(edited, entry, above, value);
  const { text, newline, changes } = edited;
  const { from, to, lineEnd, column } = entry;
  const rest = text.slice(to, lineEnd).trim();
  const comment = rest.startsWith('#') ? rest + newline + ' '.repeat(column) : '';
  const lines = comment + renderMap(pairs, column, newline).slice(column);
  changes.push({ ...createReplacement(from, lineEnd, lines), column });
  return true;
}

function editEntry(edited: EditContext, entry: Entry, before: Json, after: Json, map: JsonObject): boolean {
  const { text, newline, changes } = edited;
  const { value, column, lineStart, lineEnd, from } = entry;
  if (value.kind === 'map' && !value.flow && isObject(before) && isObject(after) && isFilled(after))
    if (editMap(edited, value, before, after)) return true;
  const expected: JsonObject = {};
  setKey(expected, entry.key, after);
  const inner = edited.editInside(edited, value, before, after);
  if (inner) {
    const [first] = inner;
    const last = inner.at(-1);
    if (!first || !last) return true;
    const lines = applyChanges(text.slice(0, lineEnd), inner).slice(lineStart);
    const changed = applyChanges(text.slice(0, last.to), inner).slice(first.from);
    changes.push({
      ...createReplacement(first.from, last.to, changed),
      column,
      lines,
      expected,
      end: lineEnd,
    });
    return true;
  }
  const short = renderShort(after);
  const at = value.tagged ? value.start : value.from;
  if (value.inline && short !== '' && !short.includes('\n') && (!entry.explicit || value.from < value.to)) {
    const glued = text[at - 1] === ':' || (at > 0 && at === value.from && !/[\s]/.test(text[at - 1] ?? ''));
    const written = (glued ? ' ' : '') + short;
    const lines = plainWords.test(short)
      ? ''
      : text.slice(lineStart, at) + written + text.slice(value.to, lineEnd);
    changes.push({ ...createReplacement(at, value.to, written), column, lines, expected, end: lineEnd });
    return true;
  }
  // Keep the key's spelling, because Helm distinguishes 1 from '1'.
  const key = text.slice(from, entry.explicit ? from : text.lastIndexOf(':', entry.colon)).trimEnd();
  const pair = key === '' ? expected : { k: after };
  const plain = writePlain(pair, column, newline);
  const template = plain ?? renderMap(pair, column, newline);
  const rendered = key === '' ? template : template.slice(0, column) + key + template.slice(column + 1);
  const first = rendered.indexOf(newline);
  // A key too long for one line is rendered with a question mark and its value below, without room for the comment.
  const comment = rendered.startsWith('? ', column) ? '' : findLineComment(text, entry);
  noteLostComments(edited, { value, from: entry.colon, to: lineEnd, kept: comment }, before, after);
  const changed = rendered.slice(0, first) + comment + rendered.slice(first);
  const lines = plain === undefined || comment !== '' ? changed : '';
  const removed = removedLines(edited, entry, map);
  const base = {
    ...createReplacement(from, lineEnd, changed.slice(column)),
    column,
    lines,
    expected,
    removed,
  };
  changes.push(entry.sharesLine ? base : { ...base, from: lineStart, text: changed, end: lineEnd });
  return true;
}

/** Texts without indicators of YAML. Rendering has already quoted those that are numbers or other non-strings. */
const plainWords = /^[A-Za-z0-9][A-Za-z0-9 _./-]*$/;
