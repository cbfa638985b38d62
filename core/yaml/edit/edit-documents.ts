import { equalJson, getKey, isObject, type JsonObject, setKey } from '../json.ts';
import type { YamlDocumentText } from '../parse/split-documents.ts';
import { type Editable, readEditable } from './editable.ts';

/**
 * Edits a text of several documents, so that their merged value becomes `target`.
 * Helm 4 merges all documents and Helm 3 reads the first. So a change is written into the first document, and into each
 * later one that sets the same key.
 *
 * @param edit edits one document
 * @returns undefined where a document cannot be edited
 */
export function editDocuments(
  { text, value }: Editable,
  parts: readonly YamlDocumentText[],
  target: JsonObject,
  edit: (editable: Editable, target: JsonObject) => string | undefined,
): string | undefined {
  let result = '';
  let at = 0;
  for (const [index, part] of parts.entries()) {
    const editable = readEditable(part.text);
    if (!editable) return undefined;
    const documentTarget = applyDifference(editable.value, value, target, index === 0);
    const edited = equalJson(editable.value, documentTarget) ? part.text : edit(editable, documentTarget);
    if (edited === undefined) return undefined;
    // The slice is the line of dashes before the document.
    result += text.slice(at, part.start) + edited;
    if (index < parts.length - 1 && !/[\r\n]$/.test(edited)) result += editable.newline;
    at = part.start + part.text.length;
  }
  return result + text.slice(at);
}

/**
 * Applies the difference between two merged values to one document's value.
 * @param document value of the document, which contributes to `before`
 * @param adds whether the document also gets changed keys that it does not have, as the first document does
 */
export function applyDifference(
  document: JsonObject,
  before: JsonObject,
  after: JsonObject,
  adds: boolean,
): JsonObject {
  const result: JsonObject = {};
  for (const key of Object.keys(document)) {
    if (Object.hasOwn(after, key)) setKey(result, key, getKey(document, key) ?? null);
  }
  for (const key of Object.keys(after)) {
    const oldValue = getKey(before, key);
    const newValue = getKey(after, key) ?? null;
    const current = getKey(document, key);
    if (oldValue !== undefined && equalJson(oldValue, newValue)) continue;
    if (current === undefined && !adds) continue;
    const inside = isObject(oldValue) && isObject(newValue) && (current === undefined || isObject(current));
    const value = inside
      ? applyDifference(isObject(current) ? current : {}, oldValue, newValue, adds)
      : newValue;
    // A map that only loses keys is not added to a document without it.
    if (current !== undefined || !inside || !equalJson(value, {})) setKey(result, key, value);
  }
  return result;
}
