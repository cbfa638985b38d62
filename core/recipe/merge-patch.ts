import { getKey, isObject, type Json, type JsonObject, setKey } from '../yaml/json.ts';

/**
 * Applies a JSON merge patch (RFC 7396). Maps merge, null removes a key, anything else replaces. Recursion is safe:
 * `checkBody` has bounded the nesting of the patch.
 * @returns new data, which may share parts with the target and the patch
 */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const merged: JsonObject = {};
  const before = isObject(target) ? target : {};
  for (const [key, value] of Object.entries(before))
    if (getKey(patch, key) !== null) setKey(merged, key, value);
  for (const [key, value] of Object.entries(patch))
    if (value !== null) setKey(merged, key, mergePatch(getKey(before, key), value));
  return merged;
}
