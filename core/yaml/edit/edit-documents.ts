import { equalJson, getKey, isObject, type JsonObject, setKey } from '../json.ts';
import type { YamlPart } from '../parse/split-documents.ts';
import { type Editable, readEditable } from './editable.ts';

/**
 * Edits a text of several documents, which Helm 4 merges and of which Helm 3 reads the first: what changes is written into
 * the first, and into each later one that says something of it.
 *
 * @param edit edits one document
 * @returns undefined where one of them cannot be edited
 */
export function editDocuments(
  { text, value }: Editable,
  parts: readonly YamlPart[],
  target: JsonObject,
  edit: (editable: Editable, target: JsonObject) => string | undefined,
): string | undefined {
  let result = '';
  let at = 0;
  for (const [index, part] of parts.entries()) {
    const editable = readEditable(part.text);
    if (!editable) return undefined;
    const wanted = applyDifference(editable.value, value, target, index === 0);
    const edited = equalJson(editable.value, wanted) ? part.text : edit(editable, wanted);
    if (edited === undefined) return undefined;
    // The line of dashes before it.
    result += text.slice(at, part.start) + edited;
    if (index < parts.length - 1 && !/[\r\n]$/.test(edited)) result += editable.newline;
    at = part.start + part.text.length;
  }
  return result + text.slice(at);
}

/**
 * Makes a document say what is different between two values, of which it has a part.
 * @param adds whether it gets what it said nothing of, as the first document does
 */
export function applyDifference(
  own: JsonObject,
  before: JsonObject,
  after: JsonObject,
  adds: boolean,
): JsonObject {
  const result: JsonObject = {};
  for (const key of Object.keys(own)) {
    if (Object.hasOwn(after, key)) setKey(result, key, getKey(own, key) ?? null);
  }
  for (const key of Object.keys(after)) {
    const was = getKey(before, key);
    const is = getKey(after, key) ?? null;
    const mine = getKey(own, key);
    if (was !== undefined && equalJson(was, is)) continue;
    if (mine === undefined && !adds) continue;
    const inside = isObject(was) && isObject(is) && (mine === undefined || isObject(mine));
    const said = inside ? applyDifference(isObject(mine) ? mine : {}, was, is, adds) : is;
    // What is only removed is removed where it stands.
    if (mine !== undefined || !inside || !equalJson(said, {})) setKey(result, key, said);
  }
  return result;
}
