/** Plain data, as JSON or YAML has it. */
export type Json = null | boolean | number | string | Json[] | JsonObject;

/** Map of plain data. */
export type JsonObject = { [key: string]: Json };

/** Tells whether a value is a map, which Helm calls a table. Lists, scalars and null are none. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Sets an own key of a map, also `__proto__`. With that, a plain assignment would set the prototype. */
export function setKey(target: JsonObject, key: string, value: Json): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    target[key] = value;
  }
}

/** Returns the value of a map's own key, or undefined. */
export function getKey(source: JsonObject, key: string): Json | undefined {
  const value = source[key];
  // A map inherits functions and `__proto__` alone. So other keys need no look at who owns them, which takes longer.
  const mayBeInherited = typeof value === 'function' || key === '__proto__';
  return mayBeInherited && !Object.hasOwn(source, key) ? undefined : value;
}

/** Tells whether two values are equal as data. The order of keys is ignored, and 0 equals -0. */
export function equalJson(left: Json, right: Json): boolean {
  if (left === right) return true;
  if (Array.isArray(left)) {
    if (!Array.isArray(right) || left.length !== right.length) return false;
    return left.every((item, index) => equalJson(item, right[index] ?? null));
  }
  if (!isObject(left) || !isObject(right)) return false;
  const keys = Object.keys(left);
  if (keys.length !== Object.keys(right).length) return false;
  return keys.every((key) => Object.hasOwn(right, key) && equalJson(left[key] ?? null, right[key] ?? null));
}
