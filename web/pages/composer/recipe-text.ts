import { parseDocument, stringify } from 'yaml';
import type { WireRecipe } from './recipe-of-draft.ts';

/** Forms in which a recipe is shown and edited. */
export const recipeFormats = ['yaml', 'json'] as const;

/** Format of a recipe as text. */
export type RecipeFormat = (typeof recipeFormats)[number];

/** Writes a recipe as text. */
export function writeRecipe(recipe: WireRecipe, format: RecipeFormat): string {
  return format === 'json' ? `${JSON.stringify(recipe, null, 2)}\n` : stringify(recipe, { lineWidth: 0 });
}

/**
 * Reads a recipe from YAML or JSON. JSON is read as the YAML that it is.
 * @throws {Error} with the line of the first mistake
 */
export function readRecipe(text: string): unknown {
  const document = parseDocument(text, { prettyErrors: false, uniqueKeys: true });
  const [error] = document.errors;
  if (error) throw new Error(`Line ${text.slice(0, error.pos[0]).split('\n').length}: ${error.message}`);
  return document.toJS({ maxAliasCount: 100 });
}

/** Writes the command that sends a recipe, for a shell. */
export function writeCurl(recipe: WireRecipe, space: string, origin: string): string {
  const url = `${origin}/api/v1/spaces/${encodeURIComponent(space)}/compositions`;
  // A quote ends the quoted text, stands alone behind a backslash, and begins it again.
  const body = JSON.stringify(recipe, null, 2).replaceAll("'", `'\\''`);
  return `curl --fail-with-body -H 'Prefer: wait=60' -H 'Content-Type: application/json' \\\n  --data-binary '${body}' \\\n  '${url}'\n`;
}
