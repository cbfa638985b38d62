import { equalJson, isObject, type Json, type JsonObject } from '../json.ts';
import {
  type Change,
  createInsertion,
  createReplacement,
  type EditContext,
  type EditLosses,
  orderChanges,
} from './change.ts';
import { addFlowKeys, renderFlow } from './edit-flow.ts';
import { editList } from './edit-list.ts';
import { editMap } from './edit-map.ts';
import type { Editable } from './editable.ts';
import type { ValuePlace } from './layout.ts';
import { isBlankBetween, startOfLine } from './lines.ts';
import { isFilled, renderMap } from './render.ts';

/**
 * Finds the changes that turn a text's value into `target`, in order and without overlaps.
 * The rest of the text stays byte for byte, with its comments, quotes and order. New keys are added at the end of their
 * map, in the order of `target`.
 *
 * @param losses gets what is lost all the same
 * @returns undefined where the text cannot be edited in place
 */
export function findChanges(
  editable: Editable,
  target: JsonObject,
  losses: EditLosses = { comments: false },
): Change[] | undefined {
  const { text, newline, root, value, open, merges, end } = editable;
  const edited: EditContext = {
    text,
    newline,
    open,
    merges,
    changes: [],
    losses,
    editInside: editCollection,
  };
  if (root === 'unknown') return undefined;
  if (!root || (root.kind === 'scalar' && root.from === root.to && root.start === root.from)) {
    if (equalJson(target, {})) return [];
    edited.changes.push(createInsertion(edited, end, renderMap(target, 0, newline), 0, target));
  } else if (root.kind !== 'map' || (root.flow && root.entries.length === 0)) {
    const alone = root.inline && isBlankBetween(text, startOfLine(text, root.start), root.start);
    const rest = /^[ \t]*(?=[\r\n]|$)/.test(text.slice(root.to, root.to + 200));
    if (alone && rest && root.start === startOfLine(text, root.start)) {
      const lines = renderMap(target, 0, newline);
      edited.changes.push(createReplacement(root.start, root.to, lines.slice(0, -newline.length)));
    } else if (root.kind === 'map') addFlowKeys(edited, root, [], target);
    else edited.changes.push(createReplacement(root.start, root.to, renderFlow(target)));
  } else if (!editMap(edited, root, value, target)) return undefined;
  return orderChanges(edited);
}

function editCollection(
  edited: EditContext,
  place: ValuePlace,
  before: Json,
  after: Json,
): Change[] | undefined {
  const inner: EditContext = { ...edited, changes: [] };
  if (!isFilled(after) || !isFilled(before)) return undefined;
  if (place.kind === 'list' && Array.isArray(before) && Array.isArray(after)) {
    if (!editList(inner, place, before, after)) return undefined;
  } else if (place.kind === 'map' && isObject(before) && isObject(after)) {
    if (!editMap(inner, place, before, after)) return undefined;
  } else return undefined;
  return orderChanges(inner);
}
