import { getKey, isObject, type Json } from '../yaml/json.ts';
import { appendPointer } from '../yaml/json-pointer.ts';
import type { Warning } from './warning.ts';

/**
 * Keys of `save` without effect, each with the hint for its warning.
 * The original registry ignores them, and its client's tests send them.
 */
const ignoredKeyHints = new Map([
  ['space', 'the new chart goes into the space of the path'],
  ['desc', 'the key for the description is `description`'],
]);

/** Names of the keys of `save` that are accepted and ignored. */
export const ignoredSaveKeys: readonly string[] = [...ignoredKeyHints.keys()];

/**
 * Warns of ignored keys, so that nobody relies on them.
 * @param body a recipe that was parsed
 */
export function findIgnoredKeys(body: Json): Warning[] {
  const save = isObject(body) ? getKey(body, 'save') : undefined;
  if (!isObject(save)) return [];
  return [...ignoredKeyHints].flatMap(([key, instead]) => {
    if (getKey(save, key) === undefined) return [];
    const pointer = appendPointer('/save', key);
    return [{ code: 'key.ignored' as const, pointer, message: `${pointer} is ignored: ${instead}.` }];
  });
}
