import { isObject, type Json, type JsonObject } from '../yaml/json.ts';
import { findIgnoredKeys } from './ignored-keys.ts';
import { parseRecipe, type RecipeDefaults } from './parse.ts';
import { withoutFollow } from './parse-follow.ts';
import { parseJsonText } from './parse-text.ts';
import { addPlacesToWarnings, type RecipePlaces } from './place-pointers.ts';
import type { Configuration, Recipe, RecipeNode } from './recipe.ts';
import { collectPlaces } from './recipe-places.ts';
import type { Warning } from './warning.ts';
import { parseYamlText } from './yaml/parse-yaml.ts';

/** A recipe with the text and the warnings that its job keeps. */
export interface ParsedRecipe<C extends Configuration = Configuration> {
  recipe: Recipe<C>;
  /** Body as JSON without its callback, whose secret must not be readable in a job, and without `save.follow`. */
  kept: string;
  /** Warnings of ignored keys. */
  ignored: Warning[];
  /** Places of nodes, packages and configured values, of a recipe in YAML: for what is found after it was accepted. */
  places?: RecipePlaces;
}

/** Format of a request's body. */
export type RecipeFormat = 'json' | 'yaml';

/**
 * Reads the body of a request as a recipe.
 * @throws {RegistryError} as `parseJsonText` or `parseYamlText`, and `parseRecipe`; in YAML each with line and column
 */
export function readRecipe(
  text: string,
  defaults: RecipeDefaults,
  format: RecipeFormat = 'json',
): ParsedRecipe<JsonObject> {
  if (format === 'json') return parseRecipeBody(parseJsonText(text), defaults);
  const { value, findPlace, locate } = parseYamlText(text);
  try {
    const read = parseRecipeBody(value, defaults);
    const ignored = addPlacesToWarnings(read.ignored, (pointer) => findPlace(pointer, 'key'));
    return { ...read, ignored, places: collectPlaces(read.recipe.root, findPlace) };
  } catch (error) {
    throw locate(error);
  }
}

function parseRecipeBody(body: Json, defaults: RecipeDefaults): ParsedRecipe<JsonObject> {
  const recipe = parseRecipe(body, defaults);
  return { recipe, kept: JSON.stringify(withoutCallback(body)), ignored: findIgnoredKeys(body) };
}

function withoutCallback(body: Json): Json {
  if (!isObject(body)) return body;
  const { callback: _, ...kept } = body;
  return withoutFollow(kept);
}

/** Turns the configurations of a recipe into texts. */
export function toRecipeOfTexts({ root, ...rest }: Recipe): Recipe<string> {
  return { ...rest, root: toNodeOfTexts(root) };
}

function toNodeOfTexts({ config, children, ...rest }: RecipeNode): RecipeNode<string> {
  return {
    ...rest,
    ...(config ? { config: JSON.stringify(config) } : {}),
    children: children.map(({ name, node }) => ({ name, node: toNodeOfTexts(node) })),
  };
}
