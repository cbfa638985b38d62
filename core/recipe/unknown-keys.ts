import { isObject, type Json } from '../chart/json.ts';
import { appendPointer } from './pointer.ts';
import type { Recipe, RecipeNode } from './recipe.ts';
import type { Warning } from './warning.ts';

const top = ['save', 'configs', 'callback'];
const inSave = ['chart', 'version', 'description', 'values'];
const inCallback = ['url', 'secret'];
const inPackage = ['independent', 'space', 'chart', 'version', 'subcharts'];

/**
 * Finds the keys that `parseRecipe` passes over: clients of the original registry send some, but one may be a typo of a key
 * that would have changed what is made (`subchart`, `descripton`).
 * @param body what `recipe` was parsed from
 */
export function findUnknownKeys(body: Json, recipe: Recipe): Warning[] {
  return [
    ...unknown(body, '', top),
    ...unknown(at(body, 'save'), '/save', inSave),
    ...unknown(at(body, 'callback'), '/callback', inCallback),
    ...inNode(at(body, 'configs'), recipe.root),
  ];
}

function inNode(value: Json | undefined, node: RecipeNode): Warning[] {
  return [
    ...unknown(at(value, 'package'), appendPointer(node.pointer, 'package'), inPackage),
    ...node.children.flatMap((child) => inNode(at(value, child.name), child.node)),
  ];
}

function unknown(value: Json | undefined, pointer: string, known: readonly string[]): Warning[] {
  if (!isObject(value)) return [];
  const others = Object.keys(value).filter((key) => !known.includes(key));
  return others.map((key) => ({
    code: 'key.unknown',
    pointer: appendPointer(pointer, key),
    message: `${appendPointer(pointer, key)} is passed over. Known here: ${known.join(', ')}.`,
  }));
}

function at(value: Json | undefined, key: string): Json | undefined {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}
