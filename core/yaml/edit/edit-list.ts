import type { Json } from '../json.ts';
import { createInsertion, createReplacement, type EditContext } from './change.ts';
import { editFlowList, editSharedItems } from './edit-flow.ts';
import type { Item, ValuePlace } from './layout.ts';
import { noteLostComments } from './line-comments.ts';
import { renderList, renderShort } from './render.ts';

/**
 * Finds the changes that turn a list into `after`, which is not empty.
 *
 * @returns false where the list cannot be edited and has to be rendered anew
 */
export function editList(edited: EditContext, place: ValuePlace, before: Json[], after: Json[]): boolean {
  const { items } = place;
  if (items.length !== before.length) return false;
  if (place.flow) return editFlowList(edited, place, before, after);
  const { both, old, now } = editSharedItems(edited, items, before, after, editItem);
  for (const item of items.slice(both, old)) {
    if (item.sharesLine) return false;
    edited.changes.push(createReplacement(item.lineStart, item.lineEnd, ''));
  }
  return now === both || addItems(edited, items, both, after.slice(both, now));
}

function addItems(edited: EditContext, items: readonly Item[], index: number, added: Json[]): boolean {
  const { text, newline, open } = edited;
  const before = items[index - 1];
  const near = before ?? items[0];
  if (!near || (!before && near.sharesLine) || (before && open && before.lineEnd === text.length))
    return false;
  const lines = renderList(added, near.column, newline);
  edited.changes.push(
    createInsertion(edited, before ? before.lineEnd : near.lineStart, lines, near.column, {}),
  );
  return true;
}

function editItem(edited: EditContext, item: Item, before: Json, after: Json): void {
  const { text, newline, changes } = edited;
  const { value, column, from, lineEnd } = item;
  const inner = edited.editInside(edited, value, before, after);
  if (inner) {
    changes.push(...inner);
    return;
  }
  const short = renderShort(after);
  if (value.inline && short !== '' && !short.includes('\n')) {
    const at = value.tagged ? value.start : value.from;
    const glued = at > 0 && !/\s/.test(text[at - 1] ?? '');
    changes.push(createReplacement(at, value.to, (glued ? ' ' : '') + short));
    return;
  }
  noteLostComments(edited, { value, from, to: lineEnd }, before, after);
  const lines = renderList([after], column, newline).slice(column);
  const end = lineEnd === text.length && !/[\r\n]$/.test(text) ? lines.slice(0, -newline.length) : lines;
  changes.push(createReplacement(from, lineEnd, end));
}
