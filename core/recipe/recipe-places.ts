import { isObject, type Json } from '../yaml/json.ts';
import { appendPointer } from '../yaml/json-pointer.ts';
import type { RecipePlaces } from './place-pointers.ts';
import type { RecipeNode } from './recipe.ts';
import type { Place } from './text-places.ts';

/** Bounds of the places of configured values: each is kept with the job, and takes some microseconds to find. */
const bounds = { values: 1_000, characters: 64 * 1024 };

/** Largest number of characters of the pointers to nodes: a thousand nodes with long names far down have 15 million. */
const maxNodeCharacters = 1024 * 1024;

/**
 * Collects the places that a job keeps of the text of its recipe. They are those of nodes and their packages, and of
 * configured values, at which the job may find a fault; what is beyond a bound has none.
 */
export function collectPlaces(root: RecipeNode, findPlace: (pointer: string) => Place): RecipePlaces {
  const places = new Map<string, readonly [number, number]>();
  const left = { ...bounds, nodeCharacters: maxNodeCharacters };

  function add(pointer: string): void {
    const { line, column } = findPlace(pointer);
    places.set(pointer, [line, column]);
  }

  function addValues(pointer: string, value: Json): void {
    left.values -= 1;
    left.characters -= pointer.length;
    if (left.values < 0 || left.characters < 0) return;
    add(pointer);
    if (!isObject(value) && !Array.isArray(value)) return;
    // An array's keys are its indexes.
    for (const [key, inner] of Object.entries(value)) addValues(appendPointer(pointer, key), inner);
  }

  function visitNodes({ pointer, package: source, children }: RecipeNode): void {
    left.nodeCharacters -= 2 * pointer.length;
    if (left.nodeCharacters < 0) return;
    add(pointer);
    if (source) add(`${pointer}/package`);
    for (const { node } of children) visitNodes(node);
  }

  function visitValues({ pointer, config, children }: RecipeNode): void {
    if (config) addValues(`${pointer}/_config`, config);
    for (const { node } of children) visitValues(node);
  }

  visitNodes(root);
  visitValues(root);
  return Object.fromEntries(places);
}
